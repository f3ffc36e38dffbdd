/**
 * The event log of one user on this node: appends through the committer, keeps the newest events in memory, and tells
 * the user's cursors when there is more. Made by the user's manager and reached through it only (IS1).
 */
import type { Clock, UserId } from "@trueline/kit";
import type { LogEvent, Position } from "@trueline/protocol";
import type { EventLogStore, LogHead } from "../ports/event-log-store.ts";
import type { Observer } from "../ports/observer.ts";
import type { Batch } from "./batch.ts";
import { makeBatch } from "./batching.ts";
import type { CommitTarget, Committer } from "./committer.ts";
import { type EncodedRecord, Encoder, readDelta, toEvent } from "./encoding.ts";
import type { AppendOutcome, EventDraft, EventLog } from "./event-log.ts";
import { OpenRuns } from "./open-runs.ts";
import { Tail, type TailBudget, type TailRecord } from "./tail.ts";

/** Events and bytes of one read from the store: a chunk of a replay (RS3). */
const chunk = { records: 256, bytes: 256 * 1024 };

/** The same for all logs of a node, and one object for all of them. */
export interface UserLogOptions {
  readonly store: EventLogStore;
  readonly committer: Committer;
  readonly tailEvents: number;
  readonly tailBudget: TailBudget;
  readonly gatherMs: number;
  readonly clock: Clock;
  readonly observer: Observer;
}

/** Told when the log has grown. */
export interface LogListener {
  logOnGrowth(): void;
}

export class UserLog implements EventLog, CommitTarget {
  readonly owner: UserId;
  readonly openRuns = new OpenRuns();
  readonly #options: UserLogOptions;
  readonly #epoch: string;
  readonly #tail: Tail;
  readonly #listeners = new Set<LogListener>();
  readonly #encoder = new Encoder();
  #seq: number;
  #landmark: number;
  /** Run of the newest draft, when that was a delta: the next delta of it may wait for company. */
  #deltaRun: string | null = null;
  #lastCommit = Number.NEGATIVE_INFINITY;
  /** The newest batches, one per way of gathering: the other connections at the same place share it. */
  #shared: Map<boolean, { readonly after: number; readonly batch: Batch }> | undefined;

  constructor(owner: UserId, head: LogHead, options: UserLogOptions) {
    this.owner = owner;
    this.#options = options;
    this.#epoch = head.epoch;
    this.#seq = head.seq;
    this.#landmark = this.#seq;
    this.#tail = new Tail(options.tailEvents, options.tailBudget);
  }

  get position(): Position {
    return { epoch: this.#epoch, seq: this.#seq };
  }

  get head(): number {
    return this.#seq;
  }

  /** Seq of the newest event that is not a delta: rows of threads, messages and runs change with those only. */
  get landmark(): number {
    return this.#landmark;
  }

  get epoch(): string {
    return this.#epoch;
  }

  append(draft: EventDraft): Promise<AppendOutcome> {
    return new Promise((resolve) => this.post(draft, resolve));
  }

  post(draft: EventDraft, onOutcome: (outcome: AppendOutcome) => void): void {
    const { clock, committer, gatherMs } = this.#options;
    const record = this.#encoder.encode(draft, clock.now());
    const continues = draft.type === "text_delta" && draft.runId === this.#deltaRun;
    this.#deltaRun = draft.type === "text_delta" ? draft.runId : null;
    // The first delta after anything else goes at once (RN6), and so does one that comes after a pause.
    const urgent = !continues || clock.monotonic() - this.#lastCommit >= gatherMs;
    if (urgent) this.#lastCommit = clock.monotonic();
    committer.append(this, record, urgent, onOutcome);
  }

  committed(firstSeq: number, records: readonly EncodedRecord[]): void {
    const { clock, observer } = this.#options;
    const added = records.map(({ type, body, delta }, index) => {
      return { owner: this.owner, seq: firstSeq + index, type, body: delta ? undefined : body, delta };
    });
    for (const record of added) {
      if (!record.delta) this.#landmark = record.seq;
      this.#project(record);
      observer.eventAppended(record.type);
    }
    this.#tail.push(added);
    this.#seq = firstSeq + records.length - 1;
    this.#lastCommit = clock.monotonic();
    for (const listener of this.#listeners) listener.logOnGrowth();
  }

  listen(listener: LogListener): void {
    this.#listeners.add(listener);
  }

  unlisten(listener: LogListener): void {
    this.#listeners.delete(listener);
  }

  /** The batch after `after` when memory has it; undefined when the store must be asked. `after` lies before the head. */
  batchAfter(after: number, gather: boolean): Batch | undefined {
    const shared = this.#shared?.get(gather);
    if (shared?.after === after && shared.batch.lastSeq >= Math.min(this.#seq, after + 1))
      return shared.batch;
    const records = this.#tail.after(after, chunk.records);
    if (!records || records.length === 0) return undefined;
    const batch = makeBatch(this.owner, this.#epoch, records, gather);
    if (this.#listeners.size > 1) {
      this.#shared ??= new Map();
      this.#shared.set(gather, { after, batch });
    }
    return batch;
  }

  /** Whether memory has what comes right after `after`. */
  remembers(after: number): boolean {
    return this.#tail.holds(after + 1);
  }

  /** The same from the store. `gone`: the store does not keep that place any more. */
  async storedBatchAfter(after: number, gather: boolean): Promise<Batch | "gone"> {
    const records = await this.#readStore(after);
    return records[0]?.seq === after + 1
      ? makeBatch(this.#ownerOf(records), this.#epoch, records, gather)
      : "gone";
  }

  /** Seq of the oldest event that can be replayed. */
  async firstKept(): Promise<number> {
    return (await this.#options.store.head(this.owner)).firstSeq;
  }

  async *readFrom(after: number): AsyncIterable<LogEvent> {
    let cursor = after;
    while (cursor < this.#seq) {
      const records = this.#tail.after(cursor, chunk.records) ?? (await this.#readStore(cursor));
      if (records.length === 0) return;
      for (const record of records) {
        cursor = record.seq;
        yield toEvent(record);
      }
    }
  }

  /** Brings the picture of open runs up to the head, from the events after `after`. Once, before anything is appended. */
  async project(after: number): Promise<void> {
    for await (const event of this.readFrom(after)) this.openRuns.apply(event);
  }

  /** Gives back its memory. The log must not be used after it. */
  close(): void {
    this.#tail.clear();
    this.#listeners.clear();
    this.#shared = undefined;
  }

  async #readStore(after: number): Promise<readonly TailRecord[]> {
    const stored = await this.#options.store.read(this.owner, after, chunk);
    return stored.map((record) => ({ ...record, delta: readDelta(record) }));
  }

  /** The owner that the store says the records have: the user, or the one that must not be shown (IS3). */
  #ownerOf(records: readonly TailRecord[]): UserId {
    return records.find((record) => record.owner !== this.owner)?.owner ?? this.owner;
  }

  #project(record: TailRecord): void {
    if (record.delta) this.openRuns.applyDelta(record.delta.runId, record.delta.text);
    else this.openRuns.apply(toEvent(record));
  }
}
