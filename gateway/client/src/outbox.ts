/**
 * Messages and cancels that the server has not answered yet. Each is sent once per connection until its answer comes, with the
 * same id, so that the server acts on it once (RS5).
 */
import {
  type AckFrame,
  type CancelFrame,
  type RefusedFrame,
  type SendFrame,
  TruelineError,
  type WireLimits,
} from "@trueline/protocol/wire";
import { ClientError } from "./errors.ts";
import type { Ack } from "./types.ts";

export interface Carrier {
  readonly limits: WireLimits;
  send(frame: SendFrame | CancelFrame): void;
}

interface Entry {
  readonly frame: SendFrame | CancelFrame;
  readonly promise: Promise<Ack>;
  readonly resolve: (ack: Ack) => void;
  readonly reject: (error: Error) => void;
  /** Until it is sent again on the connection there is. */
  retry?: ReturnType<typeof setTimeout>;
}

/** Milliseconds until a request that could not be stored is sent again, where the server does not say. */
const retryMs = 1_000;

export class Outbox {
  readonly #size: number;
  readonly #entries = new Map<string, Entry>();
  #carrier: Carrier | undefined;

  constructor(size: number) {
    this.#size = size;
  }

  /** The same id again, while it waits, is the same request. */
  put(frame: SendFrame | CancelFrame, signal?: AbortSignal): Promise<Ack> {
    if (signal?.aborted) return Promise.reject(aborted(signal));
    const waiting = this.#entries.get(frame.id);
    if (waiting && sameRequest(waiting.frame, frame)) return waiting.promise;
    if (waiting)
      return Promise.reject(new TruelineError("id_reused", "This id waits with another request already."));
    if (this.#entries.size >= this.#size) {
      const message = `${this.#size} requests wait for their answer already`;
      return Promise.reject(new ClientError("outbox_full", message));
    }
    const { promise, resolve, reject } = Promise.withResolvers<Ack>();
    const onAbort = (): void => this.#settle(frame.id, (entry) => entry.reject(aborted(signal)));
    signal?.addEventListener("abort", onAbort, { once: true });
    const entry: Entry = { frame, promise, resolve, reject };
    this.#entries.set(frame.id, entry);
    if (this.#carrier) this.#send(entry, this.#carrier);
    return promise.finally(() => signal?.removeEventListener("abort", onAbort));
  }

  /** Connected: everything that waits goes out, oldest first. Undefined: not connected. */
  carry(carrier: Carrier | undefined): void {
    this.#carrier = carrier;
    if (!carrier) return;
    for (const entry of [...this.#entries.values()]) this.#send(entry, carrier);
  }

  acked({ id, runId, threadId, messageId }: AckFrame): void {
    this.#settle(id, (entry) => entry.resolve({ id, runId, threadId, messageId }));
  }

  refused({ id, code, message, retryAfterMs }: RefusedFrame): void {
    // The server is leaving: it was not taken, and the next connection takes it.
    if (code === "going_away") return;
    // It may be taken already, and answered in part: the same id brings the answer once the store has it all.
    if (code === "store_unavailable") {
      this.#sendLater(id, retryAfterMs ?? retryMs);
      return;
    }
    this.#settle(id, (entry) =>
      entry.reject(new TruelineError(code as TruelineError["code"], message, retryAfterMs)),
    );
  }

  rejectAll(error: Error): void {
    for (const id of [...this.#entries.keys()]) this.#settle(id, (entry) => entry.reject(error));
  }

  #sendLater(id: string, ms: number): void {
    const entry = this.#entries.get(id);
    if (!entry) return;
    clearTimeout(entry.retry);
    entry.retry = setTimeout(() => {
      if (this.#carrier) this.#send(entry, this.#carrier);
    }, ms);
  }

  /** A frame that is too large would cost the connection; it is refused here, as the server would. */
  #send({ frame, reject, retry }: Entry, { limits, send }: Carrier): void {
    clearTimeout(retry);
    const tooLarge = whyTooLarge(frame, limits);
    if (tooLarge === undefined) send(frame);
    else this.#settle(frame.id, () => reject(new TruelineError("payload_too_large", tooLarge)));
  }

  #settle(id: string, how: (entry: Entry) => void): void {
    const entry = this.#entries.get(id);
    if (!entry) return;
    this.#entries.delete(id);
    clearTimeout(entry.retry);
    how(entry);
  }
}

function whyTooLarge(
  frame: SendFrame | CancelFrame,
  { maxFrameBytes, maxTextLength }: WireLimits,
): string | undefined {
  if (frame.type === "cancel") return undefined;
  if (frame.text.length > maxTextLength) {
    return `The message has ${frame.text.length} characters; ${maxTextLength} are allowed.`;
  }
  const bytes = new TextEncoder().encode(JSON.stringify(frame)).length;
  return bytes > maxFrameBytes ? `The message has ${bytes} bytes; ${maxFrameBytes} are allowed.` : undefined;
}

const sameRequest = (one: SendFrame | CancelFrame, other: SendFrame | CancelFrame): boolean =>
  JSON.stringify(one) === JSON.stringify(other);

const aborted = (signal: AbortSignal | undefined): ClientError =>
  new ClientError("aborted", "the caller's signal was aborted", { cause: signal?.reason });
