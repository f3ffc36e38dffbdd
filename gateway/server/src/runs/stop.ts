/**
 * Why a run stops before its model is done with it. Thrown inside a run, and the reason of its abort signal; never
 * leaves the runs folder.
 */
import { ModelError } from "../ports/model.ts";
import type { RunOutcome } from "../ports/records.ts";

export type EarlyOutcome = Exclude<RunOutcome, { state: "completed" }>;

export type Stop =
  | { readonly kind: "ended"; readonly outcome: EarlyOutcome }
  /** Executes no more on this node and has no terminal event yet: whoever takes it over goes on. */
  | { readonly kind: "handed_over" };

export class Stopped extends Error {
  override readonly name = "Stopped";
  readonly stop: Stop;

  constructor(stop: Stop, options?: ErrorOptions) {
    super(stop.kind === "ended" ? `run ${stop.outcome.state}` : "run handed over", options);
    this.stop = stop;
  }
}

/** A producer broke the contract of a run (EV4). */
export class ContractBroken extends Error {
  override readonly name = "ContractBroken";
}

export const handedOver = (): Stopped => new Stopped({ kind: "handed_over" });

export function failed(code: RunFailureCode, message: string, options?: ErrorOptions): Stopped {
  return new Stopped({ kind: "ended", outcome: { state: "failed", code, message } }, options);
}
type RunFailureCode = Extract<RunOutcome, { state: "failed" }>["code"];

export const storeUnavailable = (cause: unknown): Stopped =>
  failed("store_unavailable", "The server could not store the run's progress.", { cause });

/** Runs a call of the records; whatever it throws means that the store did not do it. */
export async function stored<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw storeUnavailable(error);
  }
}

/**
 * The outcome that an error of an execution amounts to. What a `ModelError` says is meant for the user; the text of
 * any other error is not, and goes to the log only. A hand-over is no outcome.
 */
export function outcomeOfError(error: unknown): EarlyOutcome | "handed_over" {
  if (error instanceof Stopped) return error.stop.kind === "ended" ? error.stop.outcome : "handed_over";
  if (error instanceof ModelError) return { state: "failed", code: error.code, message: error.message };
  if (error instanceof ContractBroken) {
    const message = "The agent answered out of order and was stopped.";
    return { state: "failed", code: "contract_violation", message };
  }
  return { state: "failed", code: "internal_error", message: "Something went wrong on the server." };
}
