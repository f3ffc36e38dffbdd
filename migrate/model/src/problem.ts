/**
 * What is wrong with a source file so that it cannot be trusted to the last byte. Its finder says it and goes on; nothing is
 * skipped in silence (SC5).
 */
import type { Place } from "./span.ts";

export const problemKinds = [
  {
    kind: "encoding",
    says: "The bytes are not text in the encoding that the file declares, or nobody knows it.",
  },
  { kind: "null-byte", says: "A NUL byte, which no source may contain: mostly a binary file, or UTF-16." },
  { kind: "unterminated-string", says: "A string begins here and does not end where it must." },
  { kind: "unterminated-bracket", says: "A bracket is opened here and never closed." },
  {
    kind: "unmatched-bracket",
    says: "A bracket is closed here that was not opened, or was opened as another.",
  },
  { kind: "malformed-import", says: "An import statement begins here that the language does not know." },
] as const;
export type ProblemKind = (typeof problemKinds)[number]["kind"];

export interface Problem extends Place {
  readonly kind: ProblemKind;
  /** Offset of the byte at that place. */
  readonly start: number;
  /** What more there is to say, such as the encoding's name. */
  readonly detail?: string;
}
