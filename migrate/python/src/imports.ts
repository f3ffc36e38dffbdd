/**
 * Reads one import statement at the cursor. Gives nothing, and leaves the cursor after the keyword, when the language knows no
 * such statement: the scan goes on from there. Called by scan.ts.
 */
import { byte } from "./bytes.ts";
import {
  type Cursor,
  endOfName,
  isNewline,
  isWord,
  type Mark,
  mark,
  passBlank,
  report,
  returnTo,
  spanFrom,
} from "./cursor.ts";
import { decode } from "./encoding.ts";
import type { FromImport, ImportedName, PlainImport } from "./statement.ts";

/** A statement before it is known what it stands in: that may be told further down, by an `except`. */
export type ReadImport = Omit<PlainImport, "nesting"> | Omit<FromImport, "nesting">;

export const beginsImport = (cursor: Cursor, at: number): boolean =>
  isWord(cursor, at, "import") || isWord(cursor, at, "from");

export function readImport(cursor: Cursor): ReadImport | undefined {
  const start = mark(cursor);
  const plain = isWord(cursor, cursor.at, "import");
  cursor.at += plain ? "import".length : "from".length;
  const afterKeyword = mark(cursor);
  const statement = plain ? readPlain(cursor, start) : readFrom(cursor, start);
  if (statement && endsStatement(cursor)) return statement;
  report(cursor, "malformed-import", start.at);
  returnTo(cursor, afterKeyword);
  return undefined;
}

function readPlain(cursor: Cursor, start: Mark): ReadImport | undefined {
  const names = readNames(cursor, false, readPath);
  return names && { kind: "import", names, span: spanFrom(cursor, start) };
}

function readFrom(cursor: Cursor, start: Mark): ReadImport | undefined {
  passBlank(cursor);
  const pathStart = mark(cursor);
  const level = passDots(cursor);
  const afterDots = mark(cursor);
  passBlank(cursor);
  const module = isWord(cursor, cursor.at, "import") ? "" : readPath(cursor, false);
  if (module === undefined || (module === "" && level === 0)) return undefined;
  if (module === "") returnTo(cursor, afterDots);
  const moduleSpan = spanFrom(cursor, pathStart);
  passBlank(cursor);
  if (!isWord(cursor, cursor.at, "import")) return undefined;
  cursor.at += "import".length;
  const names = readImported(cursor);
  return names && { kind: "from", module, level, moduleSpan, names, span: spanFrom(cursor, start) };
}

/** Leading dots, which may stand apart; the cursor ends after the last. */
function passDots(cursor: Cursor): number {
  let level = 0;
  for (let next = mark(cursor); ; next = mark(cursor)) {
    passBlank(cursor);
    if (cursor.bytes[cursor.at] !== byte.dot) {
      returnTo(cursor, next);
      return level;
    }
    cursor.at++;
    level++;
  }
}

function readImported(cursor: Cursor): readonly ImportedName[] | undefined {
  passBlank(cursor);
  const value = cursor.bytes[cursor.at];
  if (value === byte.star) {
    const start = mark(cursor);
    cursor.at++;
    return [{ name: "*", nameSpan: spanFrom(cursor, start) }];
  }
  if (value !== byte.openParen) return readNames(cursor, false, readName);
  cursor.at++;
  const names = readNames(cursor, true, readName);
  passBlank(cursor, true);
  if (cursor.bytes[cursor.at] !== byte.closeParen) return undefined;
  cursor.at++;
  return names;
}

type Reader = (cursor: Cursor, inParens: boolean) => string | undefined;

/** Names up to the last; in parentheses a comma may follow it. The cursor ends after the last name or that comma. */
function readNames(cursor: Cursor, inParens: boolean, read: Reader): ImportedName[] | undefined {
  const names: ImportedName[] = [];
  for (;;) {
    passBlank(cursor, inParens);
    if (inParens && names.length > 0 && cursor.bytes[cursor.at] === byte.closeParen) return names;
    const name = readOne(cursor, inParens, read);
    if (!name) return undefined;
    names.push(name);
    const after = mark(cursor);
    passBlank(cursor, inParens);
    if (cursor.bytes[cursor.at] !== byte.comma) {
      returnTo(cursor, after);
      return names;
    }
    cursor.at++;
  }
}

function readOne(cursor: Cursor, inParens: boolean, read: Reader): ImportedName | undefined {
  const start = mark(cursor);
  const name = read(cursor, inParens);
  if (name === undefined) return undefined;
  const nameSpan = spanFrom(cursor, start);
  const afterName = mark(cursor);
  passBlank(cursor, inParens);
  if (!isWord(cursor, cursor.at, "as")) {
    returnTo(cursor, afterName);
    return { name, nameSpan };
  }
  cursor.at += "as".length;
  passBlank(cursor, inParens);
  const aliasStart = mark(cursor);
  const alias = readName(cursor);
  return alias === undefined
    ? undefined
    : { name, nameSpan, alias: { name: alias, span: spanFrom(cursor, aliasStart) } };
}

/** A dotted path; blanks may stand around its dots. The cursor ends after its last name. */
function readPath(cursor: Cursor, inParens: boolean): string | undefined {
  let path = readName(cursor);
  while (path !== undefined) {
    const after = mark(cursor);
    passBlank(cursor, inParens);
    if (cursor.bytes[cursor.at] !== byte.dot) {
      returnTo(cursor, after);
      return path;
    }
    cursor.at++;
    passBlank(cursor, inParens);
    const segment = readName(cursor);
    path = segment === undefined ? undefined : `${path}.${segment}`;
  }
  return undefined;
}

function readName(cursor: Cursor): string | undefined {
  const { bytes, at, encoding } = cursor;
  const after = endOfName(cursor, at);
  if (after === at || isDigit(bytes[at])) return undefined;
  cursor.at = after;
  return decode(bytes, encoding, at, after).normalize("NFKC");
}

const isDigit = (value: number | undefined): boolean => value !== undefined && value >= 48 && value <= 57;

/** Whether nothing more of the statement follows. The cursor stays where it is. */
function endsStatement(cursor: Cursor): boolean {
  const place = mark(cursor);
  passBlank(cursor);
  const value = cursor.bytes[cursor.at];
  returnTo(cursor, place);
  return value === undefined || isNewline(value) || value === byte.semicolon || value === byte.hash;
}
