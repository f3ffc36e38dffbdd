/**
 * Where something stands in a source file. Bytes are what edits are made of; lines and columns are what people read.
 */

/** Lines and columns begin with 1; a column counts characters (code points) of the decoded line, not bytes. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** From the first byte to the one after the last, counted from the file's first byte, a byte order mark included. */
export interface Span extends Place {
  readonly start: number;
  readonly end: number;
  readonly endLine: number;
  /** The column after the last character. */
  readonly endColumn: number;
}
