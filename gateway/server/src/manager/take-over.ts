/**
 * Takes over what a crash left open (RN3), user by user: one whose log or records cannot be read holds up nobody else, and
 * is tried again until it can. Called once, at start, by the managers; knows nothing of how a run goes on.
 */
import type { UserId } from "@trueline/kit";
import type { Logger } from "../ports/observer.ts";
import type { RunRow } from "../ports/records.ts";
import { untilStored } from "../runs/retry.ts";

export interface TakeOverOptions {
  readonly listOpenRuns: () => Promise<readonly { readonly user: UserId; readonly run: RunRow }[]>;
  /** Rejects when the user cannot be reached now; may be called again. */
  readonly takeOver: (user: UserId, runs: readonly RunRow[]) => Promise<void>;
  readonly logger: Logger;
}

export class TakeOver {
  readonly #options: TakeOverOptions;
  readonly #stop = new AbortController();
  #left = 0;

  constructor(options: TakeOverOptions) {
    this.#options = options;
  }

  /** Users whose runs could not be taken over yet, and are tried again. */
  get usersLeft(): number {
    return this.#left;
  }

  /** Each user once; gives the number of runs that were open. Those who failed go on being tried after it. */
  async run(): Promise<number> {
    const open = await this.#options.listOpenRuns();
    for (const [user, entries] of Map.groupBy(open, (entry) => entry.user)) {
      const runs = entries.map((entry) => entry.run);
      try {
        await this.#options.takeOver(user, runs);
      } catch (error) {
        this.#onFailure(user, error);
        void this.#tryOn(user, runs);
      }
    }
    return open.length;
  }

  /** No further attempts: what is left is taken over by the next start. */
  stop(): void {
    this.#stop.abort();
  }

  async #tryOn(user: UserId, runs: readonly RunRow[]): Promise<void> {
    this.#left += 1;
    const { takeOver, logger } = this.#options;
    try {
      await untilStored(
        this.#stop.signal,
        () => takeOver(user, runs),
        (error) => this.#onFailure(user, error),
      );
      this.#left -= 1;
      logger.info({ user, runs: runs.length }, "the runs of a user were taken over after all");
    } catch {
      // Only `stop` comes here: the next start begins with it anew.
    }
  }

  #onFailure(user: UserId, error: unknown): void {
    this.#options.logger.error({ err: error, user }, "the runs of a user are not taken over yet");
  }
}
