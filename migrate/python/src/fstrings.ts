/**
 * The end of a formatted string literal by PEP 701: an expression in braces may hold any string, its own quotes included,
 * comments and line endings. What was valid before PEP 701 ends at the same byte. Pure: returns -1 where the literal has no end
 * by these rules, and the caller takes it as a plain one.
 */
import { byte, nameBytes, role, roles } from "./bytes.ts";

const none = -1;
/** CPython's own limit of literals inside one another. */
const deepest = 150;

interface Literal {
  readonly bytes: Buffer;
  readonly end: number;
  readonly quote: number;
  readonly triple: boolean;
  readonly depth: number;
}

/** Offset after the literal whose first quote is at `at`. */
export function endOfFormatted(bytes: Buffer, at: number, end: number, depth = 0): number {
  if (depth > deepest) return none;
  const quote = bytes[at] as number;
  const triple = bytes[at + 1] === quote && bytes[at + 2] === quote;
  return passText({ bytes, end, quote, triple, depth }, at + (triple ? 3 : 1));
}

function passText(literal: Literal, from: number): number {
  const { bytes, end } = literal;
  for (let at = from; at < end; ) {
    const value = bytes[at] as number;
    if (endsLiteral(literal, at)) return at + (literal.triple ? 3 : 1);
    if (value === byte.backslash) at = passEscape(literal, at);
    else if (value === byte.openBrace && bytes[at + 1] === byte.openBrace) at += 2;
    else if (value === byte.openBrace) {
      at = passField(literal, at + 1);
      if (at === none) return none;
    } else if (breaksLine(literal, value)) return none;
    else at++;
  }
  return none;
}

/** From after `{` to after its `}`: an expression, and perhaps a format. */
function passField(literal: Literal, from: number): number {
  const { bytes, end } = literal;
  let depth = 0;
  for (let at = from; at < end; ) {
    const value = bytes[at] as number;
    if (depth === 0 && value === byte.closeBrace) return at + 1;
    if (depth === 0 && value === byte.colon) return passFormat(literal, at + 1);
    const kind = roles[value];
    if (kind === role.quote) {
      at = passInner(literal, at);
      if (at === none) return none;
      continue;
    }
    if (kind === role.open) depth++;
    else if (kind === role.close && --depth < 0) return none;
    at = kind === role.comment ? endOfLine(literal, at) : at + 1;
  }
  return none;
}

/** From after `:` to after the field's `}`: text in which each brace begins a field or ends this one. */
function passFormat(literal: Literal, from: number): number {
  const { bytes, end } = literal;
  for (let at = from; at < end; ) {
    const value = bytes[at] as number;
    if (value === byte.closeBrace) return at + 1;
    if (endsLiteral(literal, at) || breaksLine(literal, value)) return none;
    if (value === byte.openBrace) {
      at = passField(literal, at + 1);
      if (at === none) return none;
    } else at = value === byte.backslash ? passEscape(literal, at) : at + 1;
  }
  return none;
}

/** A literal inside an expression, of any kind. */
function passInner(literal: Literal, at: number): number {
  const { bytes, end, depth } = literal;
  const prefix = prefixBefore(bytes, at);
  if (/[ft]/i.test(prefix)) return endOfFormatted(bytes, at, end, depth + 1);
  const quote = bytes[at] as number;
  const triple = bytes[at + 1] === quote && bytes[at + 2] === quote;
  const inner = { ...literal, quote, triple };
  for (let index = at + (triple ? 3 : 1); index < end; index++) {
    const value = bytes[index] as number;
    if (endsLiteral(inner, index)) return index + (triple ? 3 : 1);
    if (value === byte.backslash) index++;
    else if (breaksLine(inner, value)) return none;
  }
  return none;
}

function prefixBefore(bytes: Buffer, quote: number): string {
  let start = quote;
  while (start > 0 && quote - start < 3 && nameBytes[bytes[start - 1] as number] === 1) start--;
  return quote - start < 3 ? bytes.toString("latin1", start, quote) : "";
}

function endsLiteral({ bytes, quote, triple }: Literal, at: number): boolean {
  return bytes[at] === quote && (!triple || (bytes[at + 1] === quote && bytes[at + 2] === quote));
}

const breaksLine = ({ triple }: Literal, value: number): boolean => !triple && roles[value] === role.newline;

/** A brace after a backslash begins a field all the same. The name in `\N{DASH}` is passed like a field: it ends alike. */
function passEscape({ bytes }: Literal, at: number): number {
  const next = bytes[at + 1];
  if (next === byte.openBrace || next === byte.closeBrace) return at + 1;
  if (next === byte.carriageReturn && bytes[at + 2] === byte.lineFeed) return at + 3;
  return at + 2;
}

function endOfLine({ bytes, end }: Literal, from: number): number {
  let at = from;
  while (at < end && roles[bytes[at] as number] !== role.newline) at++;
  return at;
}
