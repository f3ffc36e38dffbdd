/** What goes wrong on this side of the wire. What the server refuses is a `TruelineError` with its code. */
export type ClientErrorCode =
  /** The client was closed. */
  | "closed"
  /** Nobody is signed in, or somebody else signed in while it waited. */
  | "signed_out"
  /** The server closed the connection in a way that would happen again. */
  | "stopped"
  /** Too much waits for an answer already. */
  | "outbox_full"
  /** The caller's signal. */
  | "aborted"
  /** The server was not reached, did not answer in time, or answered something that is not Trueline's. */
  | "network"
  /** The events of the run are not all there any more; the thread can be loaded. */
  | "reset"
  /** A loop over events was so slow that too many waited for it. */
  | "overflow";

export class ClientError extends Error {
  override readonly name = "ClientError";
  readonly code: ClientErrorCode;

  constructor(code: ClientErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** What was thrown, as an error. */
export const asError = (thrown: unknown): Error =>
  thrown instanceof Error ? thrown : new Error(String(thrown));
