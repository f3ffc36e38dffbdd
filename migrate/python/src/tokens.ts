/**
 * String literals and comments of a source, with their places, for whoever asks: they cost time that a scan for imports does
 * not spend. Called by scan.ts after each.
 */
import type { Span } from "@trueline/migrate-model";
import { byte } from "./bytes.ts";
import {
  type Cursor,
  isNewline,
  type Mark,
  mark,
  openCursor,
  passBlank,
  passComment,
  passLines,
  returnTo,
  spanFrom,
} from "./cursor.ts";
import { startOfPrefix } from "./strings.ts";

export interface StringLiteral {
  /** With prefix and quotes. */
  readonly span: Span;
  /** In lower case, such as `rb`; empty when there is none. */
  readonly prefix: string;
  readonly quote: '"' | "'" | '"""' | "'''";
  /** Whether Python joins it to the literal before it, nothing but blanks between. */
  readonly joined: boolean;
}

export interface Comment {
  /** From `#` to before the line ending. */
  readonly span: Span;
}

export interface Collected {
  readonly strings: StringLiteral[];
  readonly comments: Comment[];
  /** Places between tokens: walks forward through the source once. */
  walker: Cursor | undefined;
}

export const collector = (): Collected => ({ strings: [], comments: [], walker: undefined });

export function noteString(collected: Collected, cursor: Cursor, quoteAt: number): void {
  const { bytes } = cursor;
  const start = startOfPrefix(bytes, quoteAt, cursor.textStart);
  const previous = collected.strings.at(-1);
  const joined = previous !== undefined && isJoined(cursor, previous.span.end, start);
  const quote = String.fromCharCode(bytes[quoteAt] as number);
  const triple =
    cursor.at - quoteAt >= 6 &&
    bytes[quoteAt + 1] === bytes[quoteAt] &&
    bytes[quoteAt + 2] === bytes[quoteAt];
  collected.strings.push({
    span: spanTo(collected, cursor, start),
    prefix: bytes.toString("latin1", start, quoteAt).toLowerCase(),
    quote: (triple ? quote.repeat(3) : quote) as StringLiteral["quote"],
    joined,
  });
}

export function noteComment(collected: Collected, cursor: Cursor, start: number): void {
  collected.comments.push({ span: spanTo(collected, cursor, start) });
}

/** The comments of an import statement in parentheses. It has no strings, so that each hash begins one. */
export function noteCommentsWithin(collected: Collected, cursor: Cursor, statement: Span): void {
  const { bytes, encoding, textStart } = cursor;
  const within = openCursor(bytes, encoding, textStart);
  within.at = statement.start;
  for (;;) {
    const start = bytes.indexOf(byte.hash, within.at);
    if (start < 0 || start >= statement.end) return;
    returnTo(within, placeOf(collected, cursor, start));
    passComment(within);
    noteComment(collected, within, start);
  }
}

function spanTo(collected: Collected, cursor: Cursor, start: number): Span {
  return spanFrom(cursor, placeOf(collected, cursor, start));
}

function placeOf(collected: Collected, cursor: Cursor, start: number): Mark {
  collected.walker ??= openCursor(cursor.bytes, cursor.encoding, cursor.textStart);
  passLines(collected.walker, start);
  return mark(collected.walker);
}

/** Only blanks, continued lines and, inside brackets, comments and line endings stand between two literals. */
function isJoined({ bytes, encoding, textStart, open }: Cursor, from: number, to: number): boolean {
  const between = openCursor(bytes, encoding, textStart);
  between.at = from;
  passBlank(between, open.length > 0);
  return between.at === to && !isNewline(bytes[to]) && bytes[to] !== byte.hash;
}
