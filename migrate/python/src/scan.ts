/**
 * The scanner of one Python source: every import statement with its places and what it stands in, and what is lexically wrong
 * with the file. One pass over the bytes, line by logical line; it understands strings, comments, brackets and indentation
 * and nothing else. Never throws for what a file contains, never does I/O. The hot path of the suite.
 */
import type { Problem } from "@trueline/migrate-model";
import { type Block, enterBlock, leaveBlocks, nestingOf } from "./blocks.ts";
import { byte, closing, mayOpenBlock, role, roles } from "./bytes.ts";
import {
  type Cursor,
  isNewline,
  isWord,
  listProblems,
  openCursor,
  passBackslash,
  passBlank,
  passComment,
  passNewline,
  report,
} from "./cursor.ts";
import { detectEncoding, type Encoding } from "./encoding.ts";
import { beginsImport, type ReadImport, readImport } from "./imports.ts";
import type { ImportStatement } from "./statement.ts";
import { passString } from "./strings.ts";
import {
  type Collected,
  type Comment,
  collector,
  noteComment,
  noteCommentsWithin,
  noteString,
  type StringLiteral,
} from "./tokens.ts";

export interface ScannedSource {
  readonly imports: readonly ImportStatement[];
  readonly encoding: Encoding;
  /** Empty for every file that Python can read; where there are some, imports may be missing. */
  readonly problems: readonly Problem[];
  /** Only when asked for. */
  readonly strings: readonly StringLiteral[];
  readonly comments: readonly Comment[];
}

export interface ScanOptions {
  /** Collect string literals and comments too. Default: no, which is faster. */
  readonly tokens?: boolean;
}

export function scanPython(bytes: Buffer, { tokens = false }: ScanOptions = {}): ScannedSource {
  const { encoding, textStart, fault } = detectEncoding(bytes);
  const cursor = openCursor(bytes, encoding, textStart);
  if (fault) report(cursor, "encoding", fault.start, fault.detail);
  reportNull(cursor);
  const scan: Scan = { cursor, block: undefined, found: [], collected: tokens ? collector() : undefined };
  while (cursor.at < cursor.end) scanLogicalLine(scan);
  for (const start of cursor.open) report(cursor, "unterminated-bracket", start);
  return {
    imports: scan.found.map(({ statement, block }) => withNesting(cursor, statement, block)),
    encoding,
    problems: listProblems(cursor),
    strings: scan.collected?.strings ?? [],
    comments: scan.collected?.comments ?? [],
  };
}

interface Scan {
  readonly cursor: Cursor;
  block: Block | undefined;
  readonly found: { readonly statement: ReadImport; readonly block: Block | undefined }[];
  readonly collected: Collected | undefined;
}

function withNesting(cursor: Cursor, statement: ReadImport, block: Block | undefined): ImportStatement {
  return { ...statement, nesting: nestingOf(cursor, block) };
}

function reportNull(cursor: Cursor): void {
  const start = cursor.bytes.indexOf(0);
  if (start >= 0) report(cursor, "null-byte", start);
}

function scanLogicalLine(scan: Scan): void {
  const { cursor } = scan;
  const indent = passIndentation(cursor);
  const value = cursor.bytes[cursor.at];
  if (value === undefined) return;
  if (!isNewline(value) && value !== byte.hash) {
    scan.block = mayOpenBlock(value)
      ? enterBlock(cursor, scan.block, indent)
      : leaveBlocks(scan.block, indent);
    scanStatement(scan);
  }
  passLogicalLine(scan);
}

/** Columns as Python counts them: a tab goes to the next multiple of eight, a form feed back to none. */
function passIndentation(cursor: Cursor): number {
  const { bytes, end } = cursor;
  let column = 0;
  let continued = 0;
  for (; cursor.at < end; cursor.at++) {
    const value = bytes[cursor.at];
    if (value === byte.space) column++;
    else if (value === byte.tab) column = (Math.floor(column / 8) + 1) * 8;
    else if (value === byte.formFeed) column = 0;
    else if (value === byte.backslash && isNewline(bytes[cursor.at + 1])) {
      // Of an indentation that a backslash splits, the part on the first line counts.
      continued ||= column;
      passBackslash(cursor);
      cursor.at--;
    } else break;
  }
  return continued || column;
}

/** At a place where a statement may begin: takes it when it is an import. */
function scanStatement(scan: Scan): void {
  const { cursor } = scan;
  if (!beginsImport(cursor, cursor.at)) return;
  const statement = readImport(cursor);
  if (!statement) return;
  scan.found.push({ statement, block: scan.block });
  if (scan.collected) noteCommentsWithin(scan.collected, cursor, statement.span);
}

/** To the beginning of the next logical line, over strings, comments and brackets. */
function passLogicalLine(scan: Scan): void {
  const { cursor } = scan;
  const { bytes, end, open } = cursor;
  for (;;) {
    let at = cursor.at;
    while (at < end && roles[bytes[at] as number] === role.passing) at++;
    cursor.at = at;
    if (at >= end) return;
    switch (roles[bytes[at] as number]) {
      case role.newline:
        passNewline(cursor);
        if (open.length === 0 || abandonsBrackets(cursor)) return;
        break;
      case role.quote:
        passString(cursor);
        if (scan.collected) noteString(scan.collected, cursor, at);
        break;
      case role.comment:
        passComment(cursor);
        if (scan.collected) noteComment(scan.collected, cursor, at);
        break;
      case role.backslash:
        passBackslash(cursor);
        break;
      case role.open:
        open.push(at);
        cursor.at++;
        break;
      case role.close:
        closeBracket(cursor);
        break;
      case role.separator:
        passSeparator(scan);
    }
  }
}

/** After `;`, and after the colon of a header, a statement may follow on the same line. */
function passSeparator(scan: Scan): void {
  const { cursor } = scan;
  cursor.at++;
  if (cursor.open.length > 0) return;
  passBlank(cursor);
  scanStatement(scan);
}

function closeBracket(cursor: Cursor): void {
  const { bytes, at, open } = cursor;
  const opened = open.pop();
  if (opened === undefined || closing(bytes[opened] as number) !== bytes[at]) {
    report(cursor, "unmatched-bracket", at);
  }
  cursor.at++;
}

/**
 * A line that begins with one of these can stand in no bracket: so one before it was never closed. Named, and given up, so
 * that the rest of the file is still read.
 */
function abandonsBrackets(cursor: Cursor): boolean {
  const { at, open } = cursor;
  if (!(isWord(cursor, at, "def") || isWord(cursor, at, "class") || isWord(cursor, at, "import")))
    return false;
  for (const start of open) report(cursor, "unterminated-bracket", start);
  open.length = 0;
  return true;
}
