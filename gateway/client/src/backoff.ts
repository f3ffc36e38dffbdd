/** How long to wait before trying again: exponential, with full jitter, so that many clients do not come back together. */
export interface BackoffOptions {
  readonly baseMs: number;
  readonly maxMs: number;
  readonly random: () => number;
}

export class Backoff {
  readonly #options: BackoffOptions;
  #attempts = 0;

  constructor(options: BackoffOptions) {
    this.#options = options;
  }

  /** Tries since the last success. */
  get attempts(): number {
    return this.#attempts;
  }

  attempt(): number {
    this.#attempts++;
    return this.#attempts;
  }

  succeeded(): void {
    this.#attempts = 0;
  }

  /** Milliseconds to wait now; at least `leastMs`, where the server asked for that. */
  delay(leastMs = 0): number {
    const { baseMs, maxMs, random } = this.#options;
    const most = Math.min(maxMs, baseMs * 2 ** Math.min(this.#attempts, 30));
    // What the server asked for is not undercut; the jitter is laid on top of it.
    return leastMs > 0 ? leastMs + random() * Math.min(most, leastMs) : random() * most;
  }
}
