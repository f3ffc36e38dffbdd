/** What a proof found. */
export interface Verdict<Found> {
  /** In words; none: it holds. */
  readonly faults: readonly string[];
  readonly found: Found;
}

/** What the server itself said went wrong is a fault, though no client saw it; but for what the proof brings about. */
export const warningsIn = (output: string, expected?: string): readonly string[] =>
  output
    .split("\n")
    .filter((line) => line !== "" && (expected === undefined || !line.includes(expected)))
    .slice(0, 5)
    .map((line) => `the server said: ${line.slice(0, 1_000)}`);
