/**
 * Gathers what all users' logs append and commits it to the store in one go. Urgent appends are committed at the end
 * of the tick; deltas that may wait are committed together, for all users, every `gatherMs`. Commits never overlap, so
 * the order of a log's appends is the order of its seqs.
 */
import type { Clock, UserId } from "@trueline/kit";
import type { EventLogStore } from "../ports/event-log-store.ts";
import type { Observer } from "../ports/observer.ts";
import type { EncodedRecord } from "./encoding.ts";
import type { AppendOutcome } from "./event-log.ts";

/** The log that an append belongs to, as the committer sees it. */
export interface CommitTarget {
  readonly owner: UserId;
  /** The store has `records`; the first one's seq is `firstSeq`. Called in the order of commits. */
  committed(firstSeq: number, records: readonly EncodedRecord[]): void;
}

interface Pending {
  readonly records: EncodedRecord[];
  readonly callers: ((outcome: AppendOutcome) => void)[];
}

export interface CommitterOptions {
  readonly store: EventLogStore;
  /** Milliseconds that an append may wait for others; 0: none waits. */
  readonly gatherMs: number;
  readonly clock: Clock;
  readonly observer: Observer;
}

export class Committer {
  readonly #options: CommitterOptions;
  #pending = new Map<CommitTarget, Pending>();
  readonly #urgent = new Set<CommitTarget>();
  #committing = false;
  #immediate: NodeJS.Immediate | undefined;
  #window: NodeJS.Timeout | undefined;

  constructor(options: CommitterOptions) {
    this.#options = options;
  }

  /** `onOutcome` is called once the store has taken or refused it. */
  append(
    target: CommitTarget,
    record: EncodedRecord,
    urgent: boolean,
    onOutcome: (outcome: AppendOutcome) => void,
  ): void {
    let pending = this.#pending.get(target);
    if (!pending) {
      pending = { records: [], callers: [] };
      this.#pending.set(target, pending);
    }
    pending.records.push(record);
    pending.callers.push(onOutcome);
    if (urgent || this.#options.gatherMs === 0) {
      this.#urgent.add(target);
      this.#commitSoon();
    } else {
      this.#window ??= setTimeout(() => this.#windowOnTimeout(), this.#options.gatherMs);
    }
  }

  #commitSoon(): void {
    if (!this.#committing) this.#immediate ??= setImmediate(() => this.#immediateOnTurn());
  }

  #immediateOnTurn(): void {
    this.#immediate = undefined;
    // The window's timer may have begun a commit since this turn was asked for; its end asks for another.
    if (this.#committing) return;
    const due = new Map<CommitTarget, Pending>();
    for (const target of this.#urgent) {
      due.set(target, this.#pending.get(target) as Pending);
      this.#pending.delete(target);
    }
    this.#urgent.clear();
    void this.#commit(due);
  }

  #windowOnTimeout(): void {
    this.#window = undefined;
    if (this.#committing) {
      for (const target of this.#pending.keys()) this.#urgent.add(target);
      return;
    }
    const due = this.#pending;
    this.#pending = new Map();
    this.#urgent.clear();
    void this.#commit(due);
  }

  /** Never rejects: what the store refuses is told to each append. */
  async #commit(due: ReadonlyMap<CommitTarget, Pending>): Promise<void> {
    if (due.size === 0) return;
    this.#committing = true;
    const outcome = await this.#store(due);
    this.#committing = false;
    // Before the logs are told: what a listener appends now is a new commit.
    if (this.#urgent.size > 0) this.#commitSoon();
    if (!outcome.ok) {
      for (const pending of due.values()) for (const tell of pending.callers) tell(outcome);
      return;
    }
    let entry = 0;
    for (const [target, pending] of due) {
      const firstSeq = outcome.firstSeqs[entry++] as number;
      target.committed(firstSeq, pending.records);
      let seq = firstSeq;
      for (const tell of pending.callers) tell({ ok: true, seq: seq++ });
    }
  }

  async #store(
    due: ReadonlyMap<CommitTarget, Pending>,
  ): Promise<{ ok: true; firstSeqs: readonly number[] } | Extract<AppendOutcome, { ok: false }>> {
    const { clock, observer, store } = this.#options;
    const started = clock.monotonic();
    try {
      const batch = [...due].map(([target, { records }]) => ({ owner: target.owner, records }));
      const firstSeqs = await store.append(batch);
      observer.committed(
        clock.monotonic() - started,
        batch.reduce((sum, { records }) => sum + records.length, 0),
      );
      return { ok: true, firstSeqs };
    } catch (error) {
      observer.commitFailed(error);
      return {
        ok: false,
        code: "store_unavailable",
        message: "The server cannot write its store at the moment; nothing was accepted. Try again later.",
      };
    }
  }
}
