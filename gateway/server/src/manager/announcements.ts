/**
 * Puts the events of a user's changed threads into the log: one after the other, in the order of the changes, each until
 * the store takes it. A change is recorded together with what is to be announced of it, so that neither a store that
 * fails nor a crash loses one. Owned by the user's manager.
 */

import type { EventDraft } from "../log/event-log.ts";
import type { UserLog } from "../log/user-log.ts";
import type { Observer } from "../ports/observer.ts";
import type { UnannouncedChange, UserRecords } from "../ports/records.ts";
import { untilStored } from "../runs/retry.ts";

export interface AnnouncementsOptions {
  readonly log: UserLog;
  readonly records: UserRecords;
  readonly observer: Observer;
  /** Nothing is left to be tried. */
  readonly onIdle: () => void;
}

export class Announcements {
  readonly #options: AnnouncementsOptions;
  readonly #stop = new AbortController();
  /** Changes that were made since the last attempt began. */
  #waiting: (() => void)[] = [];
  #active = false;
  /** The last attempt failed, and there is going to be another. */
  #failing = false;
  /** The change whose event is in the log while the record does not say so yet. */
  #appended: number | undefined;

  constructor(options: AnnouncementsOptions) {
    this.#options = options;
  }

  /** Something is to be announced; the manager stays. */
  get active(): boolean {
    return this.#active;
  }

  /** What an earlier life left, from `oldest` on. Its last attempt may have come through, and nobody knows. */
  async recover(oldest: UnannouncedChange): Promise<void> {
    if (await this.#isInLog(oldest)) this.#appended = oldest.number;
    await this.announce();
  }

  /**
   * Announces what is recorded. Resolves when that is done, or could not be done at once and is tried on: the change stands
   * either way, and its event comes.
   */
  announce(): Promise<void> {
    // What tries again by and by finds this change too.
    if (this.#failing) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push(resolve);
    if (!this.active) void this.#work();
    return promise;
  }

  /** No further attempts: what is left is announced by the next life. */
  stop(): void {
    this.#stop.abort();
  }

  async #work(): Promise<void> {
    this.#active = true;
    try {
      while (this.#waiting.length > 0)
        await untilStored(
          this.#stop.signal,
          () => this.#attempt(),
          (error) => this.#onFailure(error),
        );
    } catch {
      // Only `stop` comes here: the next life announces what is left.
      this.#tellWaiting();
    }
    this.#active = false;
    this.#options.onIdle();
  }

  async #attempt(): Promise<void> {
    const told = this.#waiting;
    this.#waiting = [];
    try {
      await this.#announceAll();
      this.#failing = false;
    } finally {
      for (const tell of told) tell();
    }
  }

  #onFailure(error: unknown): void {
    this.#failing = true;
    this.#options.observer.logger.warn({ err: error }, "a change of a thread is not announced yet");
    this.#tellWaiting();
  }

  #tellWaiting(): void {
    for (const tell of this.#waiting) tell();
    this.#waiting = [];
  }

  async #announceAll(): Promise<void> {
    const { log, records } = this.#options;
    for (const change of await records.listUnannounced()) {
      if (this.#appended !== change.number) {
        const outcome = await log.append(draftOf(change));
        if (!outcome.ok) throw new Error(outcome.message);
        this.#appended = change.number;
      }
      await records.dropUnannounced(change.number);
      this.#appended = undefined;
    }
  }

  /** Only the oldest can be there, and then it is the last that the log tells of its thread. */
  async #isInLog(change: UnannouncedChange): Promise<boolean> {
    const draft = draftOf(change);
    let last: string | undefined;
    for await (const event of this.#options.log.readFrom(change.logSeq)) {
      if (event.runId === null && event.threadId === change.threadId) last = keyOf(event);
    }
    return last === keyOf(draft);
  }
}

const keyOf = ({ type, data }: Pick<EventDraft, "type" | "data">): string => JSON.stringify([type, data]);

function draftOf({ threadId, change }: UnannouncedChange): EventDraft {
  const about = { threadId, runId: null };
  if (change.type === "thread_deleted") return { ...about, type: change.type, data: {} };
  return { ...about, type: change.type, data: { title: change.title } };
}
