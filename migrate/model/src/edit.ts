/** A change of bytes: the only thing that changes a source file. */
export interface Edit {
  /** First byte to be replaced, counted from the file's first byte. */
  readonly start: number;
  /** The byte after the last one; the same as `start` where something is put in. */
  readonly end: number;
  /** In the file's own encoding and line endings once written. */
  readonly replacement: string;
  /** Id of the rule that asked for it. */
  readonly rule: string;
}
