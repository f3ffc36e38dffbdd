/** Python for the migration suite: what a source imports and where, byte by byte. */
export type { Encoding } from "./encoding.ts";
export { type Prefilter, prefilterFor } from "./prefilter.ts";
export { createReader, type ReadOutcome, type SourceReader } from "./read.ts";
export { type ScannedSource, type ScanOptions, scanPython } from "./scan.ts";
export {
  type Condition,
  conditions,
  type Enclosure,
  type FromImport,
  type ImportedName,
  type ImportStatement,
  type PlainImport,
} from "./statement.ts";
export type { Comment, StringLiteral } from "./tokens.ts";
