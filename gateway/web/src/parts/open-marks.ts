/**
 * While an answer streams, its last line often ends inside a mark: `**bol`, `[text](htt`. Shown as it is, the marks
 * flash up and vanish when the rest arrives. This closes them. Pure; only growing-blocks.ts calls it.
 */

/** `text` with the marks that its last paragraph leaves open closed, and half a link or table left out. */
export function closeOpenMarks(text: string): string {
  const start = text.lastIndexOf("\n\n") + 1;
  const last = text.slice(start);
  if (insideFence(text)) return text;
  return text.slice(0, start) + closeEmphasis(closeCode(cutHalfLink(cutTableHead(last))));
}

/** Inside a fenced block nothing is a mark; the lexer shows an unclosed fence as code already. */
const insideFence = (text: string): boolean => (text.match(/^ {0,3}(?:```|~~~)/gm)?.length ?? 0) % 2 === 1;

/** Before the row of dashes is whole, a table is a paragraph of pipes. */
const cutTableHead = (text: string): string => text.replace(/(^|\n)\|[^\n]*(?:\n[\s:|-]*)?$/, "$1");

const cutHalfLink = (text: string): string => text.replace(/(?<!\\)!?\[([^\]\n]*)(?:\]\([^)\s]*)?$/, "$1");

function closeCode(text: string): string {
  const ticks = text.match(/(?<!\\)`/g)?.length ?? 0;
  if (ticks % 2 === 0) return text;
  return text.endsWith("`") ? text.slice(0, -1) : `${text}\``;
}

function closeEmphasis(text: string): string {
  const bare = text.replaceAll(/`[^`]*`/g, "");
  const open = (bare.match(/(?<!\\)\*\*/g)?.length ?? 0) % 2 === 1;
  if (!open) return /(?<![\\*])\*$/.test(text) ? text.slice(0, -1) : text;
  const trimmed = text.replace(/\*{1,2}\s*$/, "");
  return trimmed === text ? `${text.trimEnd()}**` : closeEmphasis(trimmed);
}
