/**
 * The event logs of all users in SQLite. One row holds all that one append brought for all its users, since a row per
 * event would cost more than the event's way to its sockets. The hot path is `#commit`: one INSERT outside of kysely.
 * Made by openSqliteStores; runs the suite `eventLogStoreSuite`.
 */
import type { Clock, UserId } from "@trueline/kit";
import type { EventLogStore, LogAppend, LogHead, StoredRecord } from "@trueline/server";
import type { Database } from "better-sqlite3";
import type { SqliteStoreDatabase } from "./database.ts";
import { LogIndex, type Place } from "./log-index.ts";
import { createRowEncoder, decodeSlice } from "./log-row.ts";
import { explained, StoreError } from "./store-error.ts";

/** While a generation of the index is sealed, an append seals so many owners beside its own work. */
const sealedPerAppend = 16;
/** A trim holds the lane for so many rows or entries of the index, and then lets others go first. */
const trimmedAtOnce = 256;

/** Bytes of pages that a small row changes. */
const rowOverhead = 4 * 1024;

export function openEventLogStore(database: SqliteStoreDatabase, clock: Clock): EventLogStore {
  const store = new SqliteEventLogStore(database, clock);
  database.onClose(() => store.sealAll());
  return store;
}

class SqliteEventLogStore implements EventLogStore {
  readonly #database: SqliteStoreDatabase;
  readonly #clock: Clock;
  readonly #statements: Statements;
  readonly #index: LogIndex;
  readonly #encode = createRowEncoder();
  /** The oldest row that is kept. */
  #firstRow: number;
  /** Of the newest row: rows are in order of their times, whatever the clock does. */
  #lastAt: number;

  constructor(database: SqliteStoreDatabase, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
    this.#statements = prepare(database.handle);
    this.#index = new LogIndex(database.handle);
    this.#firstRow = this.#statements.firstRow.get() ?? this.#index.lastRow + 1;
    this.#lastAt = this.#statements.lastAt.get() ?? 0;
  }

  async head(owner: UserId): Promise<LogHead> {
    return {
      epoch: this.#database.epoch,
      seq: this.#index.lastSeq(owner),
      firstSeq: this.#index.firstSeq(owner, this.#firstRow),
    };
  }

  append(batch: readonly LogAppend[]): Promise<readonly number[]> {
    return this.#database.lane.run(() => explained(this.#database.file, () => this.#commit(batch)));
  }

  async read(
    owner: UserId,
    after: number,
    bounds: { readonly records: number; readonly bytes: number },
  ): Promise<readonly StoredRecord[]> {
    return explained(this.#database.file, () => {
      const taken: StoredRecord[] = [];
      let bytes = 0;
      for (const place of this.#index.places(owner, after, this.#firstRow)) {
        for (const record of this.#slice(place)) {
          if (record.seq <= after) continue;
          bytes += Buffer.byteLength(record.body);
          if (taken.length > 0 && (taken.length >= bounds.records || bytes > bounds.bytes)) return taken;
          taken.push(record);
        }
      }
      return taken;
    });
  }

  async trim(before: number, keepFrom: ReadonlyMap<UserId, number>): Promise<number> {
    await this.#sealAllInTurns();
    const lastRow = await this.#database.lane.run(() => this.#lastRowToDrop(before, keepFrom));
    let dropped = 0;
    while (this.#firstRow <= lastRow) {
      dropped += await this.#inTurn(() => this.#dropRows(lastRow));
    }
    while ((await this.#inTurn(() => this.#dropEntries(lastRow))) === trimmedAtOnce);
    return dropped;
  }

  /** For an orderly end: the next start has nothing to rebuild. Nobody else uses the lane any more. */
  sealAll(): void {
    for (let generation = 0; generation < 2; generation++) {
      if (!this.#index.isSealing) this.#index.startSealing();
      this.#seal(Number.POSITIVE_INFINITY);
    }
  }

  #commit(batch: readonly LogAppend[]): readonly number[] {
    checkBatch(batch);
    if (batch.length === 0) return [];
    const { slices, header, body } = this.#encode(batch, (owner) => this.#index.lastSeq(owner));
    const row = this.#index.lastRow + 1;
    const at = Math.max(this.#clock.now(), this.#lastAt);
    const records = slices.reduce((sum, slice) => sum + slice.records, 0);
    const insert = () => this.#statements.insert.run(row, at, records, header, body);
    if (this.#index.isSealing) {
      this.#seal(sealedPerAppend + 2 * batch.length, insert);
    } else {
      insert();
    }
    this.#lastAt = at;
    this.#index.add(row, slices);
    this.#database.wrote(rowOverhead + header.length + body.length);
    return slices.map(({ firstSeq }) => firstSeq);
  }

  #slice({ row, firstSeq, offset, bytes }: Place): readonly StoredRecord[] {
    const slice = this.#statements.slice.get(offset + 1, bytes, row);
    try {
      if (slice?.length !== bytes) throw new RangeError(`row ${row} of the event log is missing or short`);
      return decodeSlice(slice, firstSeq);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new StoreError("corrupt", this.#database.file, `damaged: ${error.message}`, { cause: error });
    }
  }

  async #sealAllInTurns(): Promise<void> {
    for (let generation = 0; generation < 2; generation++) {
      if (!this.#index.isSealing) this.#index.startSealing();
      while (this.#index.isSealing) {
        await this.#inTurn(() => this.#seal(trimmedAtOnce));
      }
    }
  }

  /** The last row that is older than `before` and comes before all that open runs need. */
  #lastRowToDrop(before: number, keepFrom: ReadonlyMap<UserId, number>): number {
    let last = (this.#statements.firstRowSince.get(before) ?? this.#index.lastRow + 1) - 1;
    for (const [owner, seq] of keepFrom) {
      const { value: needed } = this.#index.places(owner, seq - 1, this.#firstRow).next();
      if (needed) last = Math.min(last, needed.row - 1);
    }
    return last;
  }

  /** Seals so many owners in one transaction with `first`. */
  #seal(count: number, first?: () => void): void {
    const apply = this.#inTransaction(() => {
      first?.();
      return this.#index.seal(count);
    });
    apply();
  }

  #dropRows(lastRow: number): number {
    const until = Math.min(lastRow, this.#firstRow + trimmedAtOnce - 1);
    const records = this.#inTransaction(() => {
      const count = this.#statements.recordsUntil.get(until) ?? 0;
      this.#statements.dropUntil.run(until);
      return count;
    });
    this.#firstRow = until + 1;
    return records;
  }

  #dropEntries(lastRow: number): number {
    return this.#inTransaction(() => this.#index.drop(lastRow, trimmedAtOnce));
  }

  /** After everybody who waits for the lane or for the event loop. */
  async #inTurn<T>(work: () => T): Promise<T> {
    await new Promise((resolve) => setImmediate(resolve));
    return this.#database.lane.run(() => explained(this.#database.file, work));
  }

  #inTransaction<T>(work: () => T): T {
    return this.#database.handle.transaction(work).immediate();
  }
}

/** A batch that breaks the port's rules is a defect of the caller. */
function checkBatch(batch: readonly LogAppend[]): void {
  if (batch.length > 1 && new Set(batch.map(({ owner }) => owner)).size < batch.length) {
    throw new Error("an owner stands twice in a batch");
  }
  if (batch.some(({ records }) => records.length === 0))
    throw new Error("an entry of a batch has no records");
}

type Statements = ReturnType<typeof prepare>;

function prepare(handle: Database) {
  return {
    insert: handle.prepare<[number, number, number, string, Buffer]>(
      "INSERT INTO event_log (id, at, records, header, body) VALUES (?, ?, ?, ?, ?)",
    ),
    slice: handle
      .prepare<[number, number, number], Buffer>("SELECT substr(body, ?, ?) FROM event_log WHERE id = ?")
      .pluck(),
    firstRow: handle.prepare<[], number>("SELECT id FROM event_log ORDER BY id LIMIT 1").pluck(),
    lastAt: handle.prepare<[], number>("SELECT at FROM event_log ORDER BY id DESC LIMIT 1").pluck(),
    firstRowSince: handle
      .prepare<[number], number>("SELECT id FROM event_log WHERE at >= ? ORDER BY id LIMIT 1")
      .pluck(),
    recordsUntil: handle
      .prepare<[number], number>("SELECT sum(records) FROM event_log WHERE id <= ?")
      .pluck(),
    dropUntil: handle.prepare<[number]>("DELETE FROM event_log WHERE id <= ?"),
  };
}
