/**
 * The facts about one import statement, as plain data. What every stage after the scanner builds on.
 */
import type { Span } from "@trueline/migrate-model";

export type ImportStatement = PlainImport | FromImport;

/** `import a.b, c as d` */
export interface PlainImport extends Statement {
  readonly kind: "import";
}

/** `from ..a import b, c as d` and `from a import *`, whose one name is `*` */
export interface FromImport extends Statement {
  readonly kind: "from";
  /** Dotted path without the leading dots; empty in `from . import a`. */
  readonly module: string;
  /** Number of leading dots: 0 is absolute, 1 the own package. */
  readonly level: number;
  /** The path with its dots. */
  readonly moduleSpan: Span;
}

interface Statement {
  readonly names: readonly ImportedName[];
  /** From the keyword to the end of the last name, or of the closing parenthesis. */
  readonly span: Span;
  /** What it stands in, outermost first; empty at the top of a module. */
  readonly nesting: readonly Enclosure[];
}

export interface ImportedName {
  /** As Python sees it: without blanks around dots, and in Unicode's form NFKC. */
  readonly name: string;
  readonly nameSpan: Span;
  /** After `as`. */
  readonly alias?: { readonly name: string; readonly span: Span };
}

export const conditions = [
  { kind: "type-checking", says: "The body of `if TYPE_CHECKING`: only type checkers import it." },
  { kind: "attempt", says: "The body of a `try` that catches ImportError: it may be missing." },
  { kind: "fallback", says: "The handler of such a `try`: it is imported when the attempt fails." },
  {
    kind: "conditional",
    says: "Any other branch, loop, case or handler: whether it runs is not known here.",
  },
] as const;
export type Condition = (typeof conditions)[number]["kind"];

export type Enclosure =
  | { readonly kind: "class" | "function"; readonly name: string }
  | { readonly kind: Condition };
