/**
 * The end of a string literal. Raw or not makes no difference: a backslash keeps a quote from ending either. Formatted strings
 * are in fstrings.ts. Called by scan.ts at a quote.
 */
import { byte, nameBytes } from "./bytes.ts";
import { type Cursor, isNewline, passLines, passNewline, report } from "./cursor.ts";
import { endOfFormatted } from "./fstrings.ts";

/** Offset of the first byte of a literal's prefix, given its quote. */
export function startOfPrefix(bytes: Buffer, quote: number, lowest: number): number {
  let start = quote;
  while (start > lowest && nameBytes[bytes[start - 1] as number] === 1) {
    start--;
    if (quote - start > 2) return quote;
  }
  return start === quote || isPrefix(bytes, start, quote) ? start : quote;
}

/** Moves over the literal whose quote is at the cursor. One without an end is reported, and ends with its line. */
export function passString(cursor: Cursor): void {
  const { bytes, at } = cursor;
  const quote = bytes[at] as number;
  if (isFormatted(cursor)) {
    const end = endOfFormatted(bytes, at, cursor.end);
    if (end > 0) {
      passLines(cursor, end);
      return;
    }
  }
  if (bytes[at + 1] === quote && bytes[at + 2] === quote) passTriple(cursor, quote);
  else passSingle(cursor, quote);
}

function passSingle(cursor: Cursor, quote: number): void {
  const { bytes, end } = cursor;
  const start = cursor.at;
  let at = start + 1;
  for (; at < end; at++) {
    const value = bytes[at] as number;
    if (value === quote) {
      cursor.at = at + 1;
      return;
    }
    if (value === byte.backslash) {
      at++;
      if (at < end && isNewline(bytes[at])) {
        cursor.at = at;
        passNewline(cursor);
        at = cursor.at - 1;
      }
    } else if (value === byte.lineFeed || value === byte.carriageReturn) break;
  }
  report(cursor, "unterminated-string", start);
  cursor.at = Math.min(at, end);
}

function passTriple(cursor: Cursor, quote: number): void {
  const { bytes, end } = cursor;
  const start = cursor.at;
  let at = start + 3;
  for (; at < end; at++) {
    const value = bytes[at] as number;
    if (value === quote && bytes[at + 1] === quote && bytes[at + 2] === quote) {
      passLines(cursor, at + 3);
      return;
    }
    if (value === byte.backslash) at++;
  }
  report(cursor, "unterminated-string", start);
  passLines(cursor, end);
}

const letters = { b: 98, f: 102, r: 114, t: 116, u: 117 } as const;
const lower = (value: number | undefined): number => (value ?? 0) | 32;

function isPrefix(bytes: Buffer, start: number, quote: number): boolean {
  const first = lower(bytes[start]);
  if (quote - start === 1) return Object.values(letters).some((letter) => letter === first);
  const second = lower(bytes[start + 1]);
  const other = first === letters.r ? second : first;
  const hasRaw = first === letters.r || second === letters.r;
  return hasRaw && (other === letters.b || other === letters.f || other === letters.t);
}

function isFormatted({ bytes, at, textStart }: Cursor): boolean {
  const before = at > textStart ? lower(bytes[at - 1]) : 0;
  if (before !== letters.f && before !== letters.t && before !== letters.r) return false;
  const start = startOfPrefix(bytes, at, textStart);
  for (let index = start; index < at; index++) {
    const letter = lower(bytes[index]);
    if (letter === letters.f || letter === letters.t) return true;
  }
  return false;
}
