/**
 * Where each owner's records are. New entries live in memory, in a generation; a full generation is sealed, which
 * moves it to the table `event_log_index` a few owners at a time, inside the commits of the appends that follow. So
 * memory is bounded by two generations, whatever is kept and however many users come and go, and a start reads the
 * headers of two generations at most.
 *
 * Nothing in memory changes before the commit it belongs to: a method that writes gives the function that applies it.
 * Called by event-log-store.ts, inside the lane.
 */
import type { UserId } from "@trueline/kit";
import type { Database } from "better-sqlite3";
import { decodeHeader, type OwnedSlice } from "./log-row.ts";

/** A generation is full at so many rows or entries; an entry takes about 32 bytes. */
const generationRows = 4_096;
const generationEntries = 32_768;

/** An entry: where the records from `firstSeq` on are. */
export interface Place {
  readonly row: number;
  readonly firstSeq: number;
  readonly offset: number;
  readonly bytes: number;
}

interface OwnerEntries {
  /** Of the newest record in them. */
  lastSeq: number;
  /** Row, first seq, offset, bytes, and again. */
  readonly flat: number[];
}

interface Generation {
  readonly owners: Map<UserId, OwnerEntries>;
  rows: number;
  entries: number;
  lastRow: number;
}

export type Apply = () => void;

export class LogIndex {
  readonly #statements: Statements;
  #filling: Generation;
  #sealing: Generation | undefined;

  constructor(handle: Database) {
    this.#statements = prepare(handle);
    this.#filling = emptyGeneration(this.#statements.throughRow.get() ?? 0);
    this.#rebuild();
  }

  /** The newest row there was, kept or not. */
  get lastRow(): number {
    return this.#filling.lastRow;
  }

  lastSeq(owner: UserId): number {
    const inMemory = this.#filling.owners.get(owner) ?? this.#sealing?.owners.get(owner);
    return inMemory?.lastSeq ?? this.#sealedSeq(owner);
  }

  /** Of the oldest record that is in `firstRow` or later. */
  firstSeq(owner: UserId, firstRow: number): number {
    for (const place of this.places(owner, 0, firstRow)) return place.firstSeq;
    return this.lastSeq(owner) + 1;
  }

  /** The places of an owner's records from `firstRow` on, in order, beginning with the one that holds `after + 1`. */
  *places(owner: UserId, after: number, firstRow: number): Generator<Place> {
    const sealing = this.#sealing?.owners.get(owner);
    const filling = this.#filling.owners.get(owner);
    const inMemoryFrom = sealing?.flat[1] ?? filling?.flat[1] ?? Number.POSITIVE_INFINITY;
    if (after + 1 < inMemoryFrom) yield* this.#sealedPlaces(owner, after, firstRow);
    if (sealing) yield* placesOf(sealing, after, firstRow);
    if (filling) yield* placesOf(filling, after, firstRow);
  }

  /** After the commit of `row`. */
  add(row: number, slices: readonly OwnedSlice[]): void {
    const generation = this.#filling;
    for (const { owner, firstSeq, records, offset, bytes } of slices) {
      let entries = generation.owners.get(owner);
      if (!entries) {
        entries = { lastSeq: 0, flat: [] };
        generation.owners.set(owner, entries);
      }
      entries.flat.push(row, firstSeq, offset, bytes);
      entries.lastSeq = firstSeq + records - 1;
    }
    generation.rows += 1;
    generation.entries += slices.length;
    generation.lastRow = row;
    if (!this.#sealing && isFull(generation)) this.startSealing();
  }

  get isSealing(): boolean {
    return this.#sealing !== undefined;
  }

  /** Begins to seal all that is in memory. Only while nothing is being sealed. */
  startSealing(): void {
    this.#sealing = this.#filling;
    this.#filling = emptyGeneration(this.#sealing.lastRow);
  }

  /** Seals up to `count` owners, inside a transaction; the function it gives is for after the commit. */
  seal(count: number): Apply {
    const sealing = this.#sealing;
    if (!sealing) return () => undefined;
    const sealed: UserId[] = [];
    for (const [owner, { lastSeq, flat }] of sealing.owners) {
      if (sealed.length >= count) break;
      this.#statements.insert.run(owner, lastSeq, flat.at(-4) ?? 0, JSON.stringify(flat));
      sealed.push(owner);
    }
    const isLast = sealed.length === sealing.owners.size;
    if (isLast) this.#statements.setThroughRow.run(sealing.lastRow);
    return () => {
      for (const owner of sealed) sealing.owners.delete(owner);
      if (isLast) this.#sealing = undefined;
    };
  }

  /** Drops up to `count` sealed entries that have nothing after `row`, inside a transaction. Gives how many they were. */
  drop(row: number, count: number): number {
    const gone = this.#statements.upTo.all(row, count);
    for (const { owner, last_seq } of gone) {
      this.#statements.rememberHead.run(owner, last_seq);
      this.#statements.delete.run(owner, last_seq);
    }
    return gone.length;
  }

  #sealedSeq(owner: UserId): number {
    return this.#statements.lastSeq.get(owner) ?? this.#statements.head.get(owner) ?? 0;
  }

  *#sealedPlaces(owner: UserId, after: number, firstRow: number): Generator<Place> {
    let from = after;
    for (;;) {
      const sealed = this.#statements.next.get(owner, from, firstRow);
      if (!sealed) return;
      yield* placesOf(
        { lastSeq: sealed.last_seq, flat: JSON.parse(sealed.slices) as number[] },
        from,
        firstRow,
      );
      from = sealed.last_seq;
    }
  }

  /** A crash can come in the middle of sealing: what is sealed already is left out. */
  #rebuild(): void {
    for (const { id, header } of this.#statements.headersAfter.iterate(this.lastRow)) {
      const unsealed = decodeHeader(header).filter(({ owner, firstSeq }) => firstSeq > this.lastSeq(owner));
      this.add(id, unsealed);
    }
  }
}

const emptyGeneration = (lastRow: number): Generation => ({
  owners: new Map(),
  rows: 0,
  entries: 0,
  lastRow,
});

const isFull = ({ rows, entries }: Generation): boolean =>
  rows >= generationRows || entries >= generationEntries;

function* placesOf({ flat }: OwnerEntries, after: number, firstRow: number): Generator<Place> {
  for (let at = entryHolding(flat, after + 1); at < flat.length; at += 4) {
    const [row, firstSeq, offset, bytes] = flat.slice(at, at + 4) as [number, number, number, number];
    if (row >= firstRow) yield { row, firstSeq, offset, bytes };
  }
}

/** Index in `flat` of the last entry that begins at or before `seq`; of the first one when there is none. */
function entryHolding(flat: readonly number[], seq: number): number {
  let low = 0;
  let high = flat.length / 4 - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((flat[middle * 4 + 1] ?? 0) <= seq) low = middle;
    else high = middle - 1;
  }
  return low * 4;
}

type Statements = ReturnType<typeof prepare>;

function prepare(handle: Database) {
  return {
    throughRow: handle.prepare<[], number>("SELECT through_row FROM event_log_sealed").pluck(),
    setThroughRow: handle.prepare<[number]>("UPDATE event_log_sealed SET through_row = ?"),
    headersAfter: handle.prepare<[number], { id: number; header: string }>(
      "SELECT id, header FROM event_log WHERE id > ? ORDER BY id",
    ),
    insert: handle.prepare<[string, number, number, string]>(
      "INSERT INTO event_log_index VALUES (?, ?, ?, ?)",
    ),
    lastSeq: handle
      .prepare<[string], number>(
        "SELECT last_seq FROM event_log_index WHERE owner = ? ORDER BY last_seq DESC LIMIT 1",
      )
      .pluck(),
    next: handle.prepare<[string, number, number], { last_seq: number; slices: string }>(
      `SELECT last_seq, slices FROM event_log_index
       WHERE owner = ? AND last_seq > ? AND last_row >= ? ORDER BY last_seq LIMIT 1`,
    ),
    upTo: handle.prepare<[number, number], { owner: string; last_seq: number }>(
      "SELECT owner, last_seq FROM event_log_index WHERE last_row <= ? ORDER BY last_row LIMIT ?",
    ),
    delete: handle.prepare<[string, number]>("DELETE FROM event_log_index WHERE owner = ? AND last_seq = ?"),
    head: handle.prepare<[string], number>("SELECT seq FROM event_log_heads WHERE owner = ?").pluck(),
    rememberHead: handle.prepare<[string, number]>(
      `INSERT INTO event_log_heads VALUES (?, ?)
       ON CONFLICT (owner) DO UPDATE SET seq = max(seq, excluded.seq)`,
    ),
  };
}
