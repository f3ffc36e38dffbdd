/** What a verb says: for a person as text, with `--json` as one document on standard output and nothing else there. */

export interface Output {
  readonly json: boolean;
  /** The result. `text` for a person, `document` with `--json`. */
  result(document: unknown, text: string): void;
  /** Beside the result: to standard error with `--json`, so that it does not get into the document. */
  note(text: string): void;
}

export function createOutput(json: boolean): Output {
  return {
    json,
    result: (document, text) => void process.stdout.write(`${json ? JSON.stringify(document) : text}\n`),
    note: (text) => void (json ? process.stderr : process.stdout).write(`${text}\n`),
  };
}

/** Rows under headings, in columns. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [headings, ...rows];
  const widths = headings.map((_, column) => Math.max(...all.map((row) => (row[column] ?? "").length)));
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
