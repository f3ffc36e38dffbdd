/**
 * The order in which the one SQLite handle is used. An SQL transaction keeps the lane from `begin` to `commit`, and the
 * event log's commits run in it too: so no commit of the log can end up inside a transaction that is rolled back later.
 * Whoever has the lane must not wait for it again.
 */
export class Lane {
  readonly #waiting: (() => void)[] = [];
  #taken = false;

  /** Runs `work` when nobody has the lane: now, if that is so already. `work` is synchronous, so it needs no release. */
  run<T>(work: () => T): Promise<T> {
    return this.#taken ? this.#runLater(work) : runNow(work);
  }

  /** Resolves, in order of asking, when the caller has the lane; it gives it back with `release`. */
  async acquire(): Promise<void> {
    if (!this.#taken) {
      this.#taken = true;
      return;
    }
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  release(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#taken = false;
  }

  async #runLater<T>(work: () => T): Promise<T> {
    await this.acquire();
    try {
      return work();
    } finally {
      this.release();
    }
  }
}

async function runNow<T>(work: () => T): Promise<T> {
  return work();
}
