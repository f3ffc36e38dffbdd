/** The words of an answer without its marks, for where markdown is not shown but read out. Pure. */
import type { Token, Tokens } from "marked";
import { unescapeEntities } from "./entities.ts";
import { lexWhole } from "./growing-blocks.ts";

export const plainText = (markdown: string): string => blockTexts(lexWhole(markdown));

const blockTexts = (blocks: readonly Token[]): string => blocks.map(blockText).filter(Boolean).join("\n");

function blockText(token: Token): string {
  switch (token.type) {
    case "space":
    case "hr":
    case "def":
    case "checkbox":
      return "";
    case "list":
      return (token as Tokens.List).items.map((item) => blockTexts(item.tokens)).join("\n");
    case "blockquote":
      return blockTexts((token as Tokens.Blockquote).tokens);
    case "table": {
      const { header, rows } = token as Tokens.Table;
      const cellText = (cell: Tokens.TableCell) => inlineTexts(cell.tokens);
      return [header, ...rows].map((row) => row.map(cellText).join(", ")).join("\n");
    }
    case "code":
      return (token as Tokens.Code).text;
    default:
      return inlineText(token);
  }
}

const inlineTexts = (tokens: readonly Token[]): string => tokens.map(inlineText).join("");

function inlineText(token: Token): string {
  if ("tokens" in token && token.tokens && token.tokens.length > 0) return inlineTexts(token.tokens);
  switch (token.type) {
    case "br":
      return "\n";
    case "html":
      return token.raw;
    case "codespan":
    case "escape":
      return token.text;
    default:
      return "text" in token ? unescapeEntities(String(token.text)) : token.raw;
  }
}
