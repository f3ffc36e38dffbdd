/** Typed listeners. One that throws does not keep the others from hearing, and its error is not lost. */
import { asError } from "./errors.ts";
import type { ClientEvents } from "./types.ts";

type Name = keyof ClientEvents;
type Listeners = { [N in Name]: Set<(value: ClientEvents[N]) => void> };

export class Emitter {
  readonly #listeners: Listeners = {
    event: new Set(),
    state: new Set(),
    reset: new Set(),
    user: new Set(),
    trouble: new Set(),
  };

  on<N extends Name>(name: N, listener: (value: ClientEvents[N]) => void): () => void {
    // A function of its own, so that the same listener can be subscribed twice and each ended by itself.
    const entry = (value: ClientEvents[N]): void => listener(value);
    this.#listeners[name].add(entry);
    return () => void this.#listeners[name].delete(entry);
  }

  emit<N extends Name>(name: N, value: ClientEvents[N]): void {
    for (const listener of [...this.#listeners[name]]) {
      try {
        listener(value);
      } catch (error) {
        this.#listenerThrew(name, error);
      }
    }
  }

  /** As with the platform's own event targets, an error that nobody handles goes to the global handler. */
  #listenerThrew(name: Name, thrown: unknown): void {
    const error = asError(thrown);
    if (name !== "trouble" && this.#listeners.trouble.size > 0) this.emit("trouble", error);
    else {
      queueMicrotask(() => {
        throw error;
      });
    }
  }
}
