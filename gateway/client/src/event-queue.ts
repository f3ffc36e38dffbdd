/** Events for a loop: kept while it is busy, up to a bound, so that `for await` misses none. */
import type { LogEvent } from "@trueline/protocol/wire";
import { ClientError } from "./errors.ts";

export class EventQueue implements AsyncIterableIterator<LogEvent> {
  readonly #maxWaiting: number;
  readonly #onEnd: () => void;
  readonly #waiting: LogEvent[] = [];
  readonly #readers: PromiseWithResolvers<IteratorResult<LogEvent>>[] = [];
  #state:
    | { readonly name: "open" }
    | { readonly name: "ended" }
    | { readonly name: "failed"; readonly error: Error } = { name: "open" };

  /** `onEnd`: called once, when nothing more is taken. */
  constructor(maxWaiting: number, onEnd: () => void) {
    this.#maxWaiting = maxWaiting;
    this.#onEnd = onEnd;
  }

  push(event: LogEvent): void {
    if (this.#state.name !== "open") return;
    const reader = this.#readers.shift();
    if (reader) reader.resolve({ done: false, value: event });
    else if (this.#waiting.length < this.#maxWaiting) this.#waiting.push(event);
    else
      this.fail(
        new ClientError("overflow", `${this.#maxWaiting} events wait for a loop that does not take them`),
      );
  }

  /** What waits is still given, then it is over. */
  end(): void {
    this.#finish({ name: "ended" });
    for (const reader of this.#readers.splice(0)) reader.resolve({ done: true, value: undefined });
  }

  /** What waits is still given, then the error. */
  fail(error: Error): void {
    this.#finish({ name: "failed", error });
    for (const reader of this.#readers.splice(0)) reader.reject(error);
  }

  next(): Promise<IteratorResult<LogEvent>> {
    const event = this.#waiting.shift();
    if (event) return Promise.resolve({ done: false, value: event });
    if (this.#state.name === "failed") return Promise.reject(this.#state.error);
    if (this.#state.name === "ended") return Promise.resolve({ done: true, value: undefined });
    const reader = Promise.withResolvers<IteratorResult<LogEvent>>();
    this.#readers.push(reader);
    return reader.promise;
  }

  return(): Promise<IteratorResult<LogEvent>> {
    this.#waiting.length = 0;
    this.end();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #finish(state: { name: "ended" } | { name: "failed"; error: Error }): void {
    if (this.#state.name !== "open") return;
    this.#state = state;
    this.#onEnd();
  }
}
