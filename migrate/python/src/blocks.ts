/**
 * The compound statements that a logical line stands in, by indentation. A block is only remembered while scanning; what it is
 * called and what it catches is read when an import stands in it, which is seldom. Called by scan.ts.
 */
import { byte, role, roles } from "./bytes.ts";
import { type Cursor, endOfName, isWord, openCursor, passBlank, passComment } from "./cursor.ts";
import { decode } from "./encoding.ts";
import type { Enclosure } from "./statement.ts";
import { passString } from "./strings.ts";

type BlockKind = "class" | "function" | "if" | "branch" | "try" | "except" | "other";

export interface Block {
  readonly kind: BlockKind;
  readonly indent: number;
  /** Offset of its first keyword. */
  readonly start: number;
  readonly parent: Block | undefined;
  /** Of a `try`: its handlers, once they are seen. Of an `except`: those of its `try`. */
  readonly handlers: Block[];
  nesting: readonly Enclosure[] | undefined;
}

const noHandlers: Block[] = [];

/** The block that a line with this indentation stands in. */
export function leaveBlocks(block: Block | undefined, indent: number): Block | undefined {
  let left = block;
  while (left && left.indent >= indent) left = left.parent;
  return left;
}

/** The block that the line at the cursor opens; the block around it when it opens none. */
export function enterBlock(cursor: Cursor, around: Block | undefined, indent: number): Block | undefined {
  const parent = leaveBlocks(around, indent);
  const kind = headerAt(cursor, cursor.at);
  if (!kind) return parent;
  const handlers = kind === "try" ? [] : kind === "except" ? handlersOf(around, indent) : noHandlers;
  const block = { kind, indent, start: cursor.at, parent, handlers, nesting: undefined };
  if (kind === "except") handlers.push(block);
  return block;
}

/** What stands in a block is enclosed by this, outermost first. */
export function nestingOf(cursor: Cursor, block: Block | undefined): readonly Enclosure[] {
  if (!block) return [];
  if (block.nesting) return block.nesting;
  const outer = nestingOf(cursor, block.parent);
  const own = enclosure(cursor, block);
  block.nesting = own ? [...outer, own] : outer;
  return block.nesting;
}

/** Keywords that begin a block, by their first byte. `match` and `case` may be names too: a line that is none opens nothing. */
const headers: ReadonlyMap<number, readonly (readonly [string, BlockKind])[]> = Map.groupBy(
  [
    ["class", "class"],
    ["def", "function"],
    ["if", "if"],
    ["elif", "if"],
    ["else", "branch"],
    ["for", "branch"],
    ["while", "branch"],
    ["case", "branch"],
    ["try", "try"],
    ["except", "except"],
    ["finally", "other"],
    ["with", "other"],
    ["match", "other"],
  ] as const,
  ([word]) => word.charCodeAt(0),
);
const letterA = 97;

function headerAt(cursor: Cursor, at: number): BlockKind | undefined {
  const first = cursor.bytes[at] as number;
  if (first === letterA) return isWord(cursor, at, "async") ? headerAfterAsync(cursor, at) : undefined;
  const words = headers.get(first);
  if (!words) return undefined;
  for (const [word, kind] of words) if (isWord(cursor, at, word)) return kind;
  return undefined;
}

function headerAfterAsync(cursor: Cursor, at: number): BlockKind | undefined {
  const ahead = cursorAt(cursor, at + "async".length);
  passBlank(ahead);
  return headerAt(ahead, ahead.at);
}

/** The handlers of the `try` that an `except` of this indentation belongs to: that of the block just left. */
function handlersOf(left: Block | undefined, indent: number): Block[] {
  let block = left;
  while (block && block.indent > indent) block = block.parent;
  if (!block || block.indent !== indent) return [];
  return block.kind === "try" || block.kind === "except" ? block.handlers : [];
}

function enclosure(cursor: Cursor, block: Block): Enclosure | undefined {
  switch (block.kind) {
    case "class":
    case "function":
      return { kind: block.kind, name: nameOf(readHeader(cursor, block)) };
    case "if":
      return { kind: isTypeChecking(readHeader(cursor, block)) ? "type-checking" : "conditional" };
    case "try":
      return block.handlers.some((handler) => catchesImportError(cursor, handler))
        ? { kind: "attempt" }
        : undefined;
    case "except":
      return { kind: catchesImportError(cursor, block) ? "fallback" : "conditional" };
    case "branch":
      return { kind: "conditional" };
    case "other":
      return undefined;
  }
}

/** The word after `def` or `class`. */
function nameOf(header: readonly string[]): string {
  const keyword = header.findIndex((token) => token === "def" || token === "class");
  return header[keyword + 1] ?? "";
}

/** `TYPE_CHECKING` alone, or as the last of a dotted name, perhaps in parentheses. */
function isTypeChecking(header: readonly string[]): boolean {
  const found = /^(?:el)?if ((?:\( )*)(?:\w+ \. )*TYPE_CHECKING((?: \))*)$/u.exec(header.join(" "));
  return found !== null && found[1]?.length === found[2]?.length;
}

const importErrors = new Set(["ImportError", "ModuleNotFoundError", "Exception", "BaseException"]);

function catchesImportError(cursor: Cursor, handler: Block): boolean {
  const header = readHeader(cursor, handler).slice(1);
  return header.length === 0 || header.some((token) => importErrors.has(token));
}

/** Names and punctuation of a header, up to its colon; strings, comments and blanks are left out. */
function readHeader(cursor: Cursor, { start }: Block): readonly string[] {
  const ahead = cursorAt(cursor, start);
  const tokens: string[] = [];
  for (let depth = 0; ahead.at < ahead.end; ) {
    passBlank(ahead, depth > 0);
    const at = ahead.at;
    const kind = roles[ahead.bytes[at] as number];
    if (depth === 0 && endsHeader(ahead)) return tokens;
    const after = endOfName(ahead, at);
    if (kind === role.quote) passString(ahead);
    else if (kind === role.comment) passComment(ahead);
    else {
      ahead.at = after > at ? after : at + 1;
      tokens.push(decode(ahead.bytes, ahead.encoding, at, ahead.at).normalize("NFKC"));
    }
    if (kind === role.open) depth++;
    if (kind === role.close) depth--;
  }
  return tokens;
}

function endsHeader({ bytes, at }: Cursor): boolean {
  const value = bytes[at] as number;
  return (value === byte.colon && bytes[at + 1] !== byte.equals) || roles[value] === role.newline;
}

/** Another cursor in the same source, whose problems are of no interest: they are found on the way anyhow. */
function cursorAt({ bytes, encoding, textStart }: Cursor, at: number): Cursor {
  const ahead = openCursor(bytes, encoding, textStart);
  ahead.at = at;
  return ahead;
}
