/** What the exit code of every verb means. Outside programs rely on it. */
export const exitCodes = {
  /** Done, or compliant. */
  done: 0,
  /** Violations were found, or a gate failed. */
  violations: 1,
  /** The command line or the configuration is wrong. */
  wrongUse: 2,
  /** Nothing was done, for a reason that was told; or nothing could be concluded. */
  refused: 3,
  /** A defect of ours. */
  internalError: 4,
} as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** Ends a verb with a message for whoever started it. */
export class CommandError extends Error {
  override readonly name = "CommandError";
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}
