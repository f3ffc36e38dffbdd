/** What went wrong, as one sentence for whoever started the command, and the exit code that goes with it. */
import { CommandError, type ExitCode, exitCodes } from "./exit-codes.ts";

export interface Explained {
  readonly exitCode: ExitCode;
  readonly message: string;
}

export function explainError(error: unknown): Explained {
  if (error instanceof CommandError) return { exitCode: error.exitCode, message: error.message };
  if (!(error instanceof Error)) return { exitCode: exitCodes.internalError, message: String(error) };
  // A refusal of the engine or the store is a sentence already.
  if (error.name === "StoreError") return { exitCode: exitCodes.refused, message: ofStore(error) };
  if (error.name === "GatewayOptionsError") return { exitCode: exitCodes.wrongUse, message: error.message };
  if (error.name === "TruelineError") return { exitCode: codeOfRefusal(error), message: error.message };
  return { exitCode: exitCodes.internalError, message: `internal error: ${error.stack ?? error.message}` };
}

/** What it says to do is said here by the flag that does it. */
const ofStore = (error: Error): string =>
  (error as { code?: unknown }).code === "in_use"
    ? `${error.message} The option --data names one.`
    : error.message;

const codeOfRefusal = (error: Error): ExitCode =>
  (error as { code?: unknown }).code === "invalid_request" ? exitCodes.wrongUse : exitCodes.refused;
