/**
 * How much tool time a run has left (RN4): the time of all its calls together, those at once each for itself. When it is
 * used up, the calls that run are ended and no further one begins. Owned by the run; called by its tools.
 */
import type { Clock } from "@trueline/kit";

export class ToolTime {
  readonly #limitMs: number;
  readonly #clock: Clock;
  readonly #calls = new Set<() => void>();
  #usedMs = 0;
  #countedAt = 0;
  #timer: NodeJS.Timeout | undefined;

  /** `limitMs`: 0 for no limit. */
  constructor(limitMs: number, clock: Clock) {
    this.#limitMs = limitMs;
    this.#clock = clock;
  }

  /** What an earlier life of the run used, before it calls anything in this one. */
  goOnFrom(usedMs: number): void {
    this.#usedMs = usedMs;
  }

  get isOver(): boolean {
    this.#count();
    return this.#limitMs > 0 && this.#usedMs >= this.#limitMs;
  }

  /** A call begins; `onOver` is called when the time is over before it ends. Gives the way to say that it ended. */
  begin(onOver: () => void): () => void {
    this.#count();
    const call = () => onOver();
    this.#calls.add(call);
    this.#arm();
    return () => {
      this.#count();
      this.#calls.delete(call);
      this.#arm();
    };
  }

  #count(): void {
    const now = this.#clock.monotonic();
    this.#usedMs += Math.max(0, now - this.#countedAt) * this.#calls.size;
    this.#countedAt = now;
  }

  #arm(): void {
    clearTimeout(this.#timer);
    if (this.#limitMs === 0 || this.#calls.size === 0) return;
    const left = Math.max(0, this.#limitMs - this.#usedMs);
    this.#timer = setTimeout(() => this.#endAll(), Math.ceil(left / this.#calls.size));
  }

  #endAll(): void {
    this.#count();
    // What the timer measured and what the clock did may differ: the time that was waited for is over.
    this.#usedMs = Math.max(this.#usedMs, this.#limitMs);
    for (const onOver of [...this.#calls]) onOver();
  }
}
