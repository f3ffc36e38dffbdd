/**
 * Shows the markdown of an answer while it is being written.
 *
 * Tokens become React elements, never HTML text: markup in an answer is shown as written, no script can come in, and
 * React changes only what a new piece changed, so nothing flickers and a selection survives. Finished blocks are not
 * rendered again. Images are shown as links: loading one would tell its server what the agent was made to put in the
 * address.
 */
import type { Token, Tokens } from "marked";
import { createElement, Fragment, memo, type ReactNode, useMemo, useState } from "react";
import { CodeBlock } from "./code-block.tsx";
import { unescapeEntities } from "./entities.ts";
import { GrowingBlocks, lexWhole } from "./growing-blocks.ts";

export function Markdown({
  text,
  streaming = false,
}: {
  readonly text: string;
  readonly streaming?: boolean;
}) {
  const [growing] = useState(() => new GrowingBlocks());
  const blocks = useMemo(
    () => (streaming ? growing.blocksOf(text) : lexWhole(text)),
    [growing, text, streaming],
  );
  return (
    <div className="prose">
      {blocks.map((block, index) => (
        // Blocks only ever grow at the end: the place is the identity.
        // biome-ignore lint/suspicious/noArrayIndexKey: see above
        <Block key={index} token={block} raw={block.raw} />
      ))}
    </div>
  );
}

/** Compared by its source text: the lexer makes new objects for the same text. */
const Block = memo(
  ({ token }: { readonly token: Token; readonly raw: string }) => renderBlock(token),
  (before, after) => before.raw === after.raw,
);

function renderBlock(token: Token): ReactNode {
  switch (token.type) {
    case "paragraph":
      return <p>{inline(token)}</p>;
    case "heading":
      // The page has its own h1 and h2.
      return createElement(`h${Math.min((token as Tokens.Heading).depth + 2, 6)}`, null, inline(token));
    case "code":
      return <CodeBlock code={(token as Tokens.Code).text} language={(token as Tokens.Code).lang} />;
    case "list":
      return <List list={token as Tokens.List} />;
    case "blockquote":
      return <blockquote>{renderAll(childrenOf(token), renderBlock)}</blockquote>;
    case "table":
      return <Table table={token as Tokens.Table} />;
    case "hr":
      return <hr />;
    case "space":
    case "def":
      return null;
    case "html":
      return <p>{token.raw}</p>;
    default:
      return inline(token);
  }
}

function renderInline(token: Token): ReactNode {
  switch (token.type) {
    case "strong":
      return <strong>{inline(token)}</strong>;
    case "em":
      return <em>{inline(token)}</em>;
    case "del":
      return <del>{inline(token)}</del>;
    case "codespan":
      return <code>{(token as Tokens.Codespan).text}</code>;
    case "br":
      return <br />;
    case "link":
      return <Link href={(token as Tokens.Link).href}>{inline(token)}</Link>;
    case "image":
      return <Link href={(token as Tokens.Image).href}>{(token as Tokens.Image).text || "image"}</Link>;
    case "escape":
      return (token as Tokens.Escape).text;
    case "checkbox":
      return (
        <input type="checkbox" checked={(token as Tokens.Checkbox).checked} readOnly aria-label="done" />
      );
    case "html":
      return token.raw;
    default:
      return inline(token);
  }
}

/** The children of a token, or its own text where it has none. */
function inline(token: Token): ReactNode {
  const children = childrenOf(token);
  if (children.length > 0) return renderAll(children, renderInline);
  return "text" in token ? unescapeEntities(String(token.text)) : token.raw;
}

const childrenOf = (token: Token): readonly Token[] => ("tokens" in token ? (token.tokens ?? []) : []);

const renderAll = (tokens: readonly Token[], render: (token: Token) => ReactNode): ReactNode =>
  tokens.map((token, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: tokens have no other identity, and grow only at the end
    <Fragment key={index}>{render(token)}</Fragment>
  ));

function List({ list }: { readonly list: Tokens.List }) {
  const items = list.items.map((item, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: as above
    <li key={index} className={item.task ? "task" : undefined}>
      {renderAll(item.tokens, (token) =>
        token.type === "checkbox" ? renderInline(token) : renderBlock(token),
      )}
    </li>
  ));
  return list.ordered ? <ol start={Number(list.start) || 1}>{items}</ol> : <ul>{items}</ul>;
}

function Table({ table }: { readonly table: Tokens.Table }) {
  const cell = (content: Tokens.TableCell, index: number) =>
    createElement(
      content.header ? "th" : "td",
      { key: index, className: content.align ?? undefined, ...(content.header ? { scope: "col" } : {}) },
      renderAll(content.tokens, renderInline),
    );
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a wide table must be scrollable by keyboard
    <section className="table-scroll" tabIndex={0} aria-label="Table">
      <table>
        <thead>
          <tr>{table.header.map(cell)}</tr>
        </thead>
        <tbody>
          {table.rows.map((row, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: as above
            <tr key={index}>{row.map(cell)}</tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

const safeProtocols = ["http:", "https:", "mailto:"];

/** Anything but an absolute web or mail address stays plain text. */
function Link({ href, children }: { readonly href: string; readonly children: ReactNode }) {
  const safe = URL.canParse(href) && safeProtocols.includes(new URL(href).protocol);
  if (!safe) return <span>{children}</span>;
  return (
    <a href={href} target="_blank" rel="noopener noreferrer" title={href}>
      {children}
    </a>
  );
}
