/**
 * Where event logs are kept. One append-only log per user; the owner is part of every key and every read (IS1).
 * Adapters run the contract suite in testing/event-log-store-suite.ts.
 */
import type { UserId } from "@trueline/kit";
import type { EventType } from "@trueline/protocol";

/**
 * An event without its seq, which the store gives it. `body` is the rest of its JSON object after the seq, without
 * the leading comma and with the closing brace: `"at":"…","threadId":"…","runId":…,"data":{…}}`.
 */
export interface LogRecord {
  readonly type: EventType;
  readonly body: string;
}

export interface StoredRecord extends LogRecord {
  /** Whose log it stands in, as it was written beside the record; checked again on the way out (IS3). */
  readonly owner: UserId;
  readonly seq: number;
}

export interface LogHead {
  readonly epoch: string;
  /** Of the newest event; 0 when there was none yet. */
  readonly seq: number;
  /** Of the oldest event that is kept; `seq + 1` when none is. */
  readonly firstSeq: number;
}

export interface LogAppend {
  readonly owner: UserId;
  readonly records: readonly LogRecord[];
}

export interface EventLogStore {
  head(owner: UserId): Promise<LogHead>;
  /**
   * Appends what was gathered for any number of users, each owner at most once. Seqs follow the head without a gap,
   * in order. All of it or, when the promise is rejected, none. Resolves once it survives `kill -9`; gives the seq of
   * each entry's first record, in the order of `batch`.
   */
  append(batch: readonly LogAppend[]): Promise<readonly number[]>;
  /**
   * Records with `after < seq`, in order, without a gap, from the start: as many as fit both bounds, but at least one;
   * `bytes` counts the bodies. Where `after` is older than what is kept, the first record is the oldest that is kept,
   * and its seq shows the gap.
   */
  read(
    owner: UserId,
    after: number,
    bounds: { records: number; bytes: number },
  ): Promise<readonly StoredRecord[]>;
  /**
   * Drops records that are older than `before` (ms since 1970) and not needed: `keepFrom` gives, for the owners that
   * have open runs, the first seq to keep. The heads stay as they are. Gives the number of records dropped. A store may
   * keep more than it must, but of each owner it drops from the oldest on.
   */
  trim(before: number, keepFrom: ReadonlyMap<UserId, number>): Promise<number>;
}
