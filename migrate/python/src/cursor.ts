/**
 * Where a scan of one source stands: the place in its bytes, the line, and the brackets that are open. The verbs here move over
 * what is blank and count lines; they never go past the end. Used by every file of the scanner.
 */
import type { Problem, ProblemKind, Span } from "@trueline/migrate-model";
import { byte, nameBytes } from "./bytes.ts";
import { countCharacters, type Encoding } from "./encoding.ts";

export interface Cursor {
  readonly bytes: Buffer;
  readonly end: number;
  readonly encoding: Encoding;
  /** Offset of the first byte of text, after a byte order mark. */
  readonly textStart: number;
  readonly problems: { readonly kind: ProblemKind; readonly start: number; readonly detail?: string }[];
  /** Offsets of the brackets that are open, outermost first. */
  readonly open: number[];
  at: number;
  line: number;
  lineStart: number;
}

export interface Mark {
  readonly at: number;
  readonly line: number;
  readonly lineStart: number;
}

export function openCursor(bytes: Buffer, encoding: Encoding, textStart: number): Cursor {
  const place = { at: textStart, line: 1, lineStart: textStart };
  return { bytes, end: bytes.length, encoding, textStart, problems: [], open: [], ...place };
}

export const mark = ({ at, line, lineStart }: Cursor): Mark => ({ at, line, lineStart });

export function returnTo(cursor: Cursor, place: Mark): void {
  cursor.at = place.at;
  cursor.line = place.line;
  cursor.lineStart = place.lineStart;
}

export const isNewline = (value: number | undefined): boolean =>
  value === byte.lineFeed || value === byte.carriageReturn;

/** Moves over a line ending, which is LF, CR LF or CR. */
export function passNewline(cursor: Cursor): void {
  const { bytes, at } = cursor;
  cursor.at = bytes[at] === byte.carriageReturn && bytes[at + 1] === byte.lineFeed ? at + 2 : at + 1;
  cursor.line++;
  cursor.lineStart = cursor.at;
}

/** Moves to `to`, counting the lines between. */
export function passLines(cursor: Cursor, to: number): void {
  const { bytes } = cursor;
  for (let at = cursor.at; at < to; at++) {
    const value = bytes[at] as number;
    if (value > byte.carriageReturn || !isNewline(value)) continue;
    if (value === byte.carriageReturn && bytes[at + 1] === byte.lineFeed) continue;
    cursor.line++;
    cursor.lineStart = at + 1;
  }
  cursor.at = to;
}

/** Moves to the line ending after a comment. */
export function passComment(cursor: Cursor): void {
  const { bytes, end } = cursor;
  let at = cursor.at;
  while (at < end && bytes[at] !== byte.lineFeed && bytes[at] !== byte.carriageReturn) at++;
  cursor.at = at;
}

/** Moves over a backslash, and over the line ending that it continues. */
export function passBackslash(cursor: Cursor): void {
  cursor.at++;
  if (cursor.at < cursor.end && isNewline(cursor.bytes[cursor.at])) passNewline(cursor);
}

/** Moves over blanks and continued lines; inside parentheses over comments and line endings too. */
export function passBlank(cursor: Cursor, inParens = false): void {
  const { bytes, end } = cursor;
  while (cursor.at < end) {
    const value = bytes[cursor.at] as number;
    if (value === byte.space || value === byte.tab || value === byte.formFeed) cursor.at++;
    else if (value === byte.backslash && isNewline(bytes[cursor.at + 1])) passBackslash(cursor);
    else if (inParens && value === byte.hash) passComment(cursor);
    else if (inParens && isNewline(value)) passNewline(cursor);
    else return;
  }
}

/** Offset after the name that begins at `at`; `at` itself when none does. */
export function endOfName(cursor: Cursor, at: number): number {
  const { bytes, end } = cursor;
  let after = at;
  while (after < end && nameBytes[bytes[after] as number] === 1) after++;
  return after;
}

/** Whether exactly this word stands at `at`. */
export function isWord(cursor: Cursor, at: number, word: string): boolean {
  const { bytes, end } = cursor;
  const after = at + word.length;
  if (after > end) return false;
  for (let index = 0; index < word.length; index++) {
    if (bytes[at + index] !== word.charCodeAt(index)) return false;
  }
  return after === end || nameBytes[bytes[after] as number] === 0;
}

/** From a mark to where the cursor stands now. */
export function spanFrom(cursor: Cursor, from: Mark): Span {
  return {
    start: from.at,
    end: cursor.at,
    line: from.line,
    column: column(cursor, from),
    endLine: cursor.line,
    endColumn: column(cursor, cursor),
  };
}

export function report(cursor: Cursor, kind: ProblemKind, start: number, detail?: string): void {
  cursor.problems.push(detail === undefined ? { kind, start } : { kind, start, detail });
}

/** The problems with their places, in order. Counts lines from the beginning: a sound file pays nothing for it. */
export function listProblems(cursor: Cursor): readonly Problem[] {
  if (cursor.problems.length === 0) return [];
  const walker = openCursor(cursor.bytes, cursor.encoding, cursor.textStart);
  return cursor.problems
    .toSorted((one, other) => one.start - other.start)
    .map((problem) => {
      passLines(walker, Math.max(problem.start, cursor.textStart));
      return { ...problem, line: walker.line, column: column(walker, walker) };
    });
}

const column = ({ bytes, encoding }: Cursor, { at, lineStart }: Mark): number =>
  countCharacters(bytes, encoding, lineStart, at) + 1;
