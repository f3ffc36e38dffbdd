/**
 * The newest events of one log, in memory: what live connections and most resumes read. Bounded per log by a number of
 * events, and over all logs by a shared budget, so that many quiet users cost no more than a few busy ones.
 */
import type { UserId } from "@trueline/kit";
import type { NumberedRecord } from "./encoding.ts";

export interface TailRecord extends NumberedRecord {
  readonly owner: UserId;
}

/** Characters that a record is reckoned to hold beside its text. */
const recordCharacters = 100;

const charactersOf = ({ body, delta }: TailRecord): number =>
  recordCharacters + (body?.length ?? 0) + (delta?.text.length ?? 0);

/** Characters that all tails of a node may hold together. The log that was quiet for longest gives way first. */
export class TailBudget {
  readonly #limit: number;
  #used = 0;
  /** In the order of their last use. */
  readonly #tails = new Set<Tail>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  grew(tail: Tail, characters: number): void {
    this.#used += characters;
    this.#tails.delete(tail);
    this.#tails.add(tail);
    for (const quietest of this.#tails) {
      if (this.#used <= this.#limit) return;
      quietest.clear();
    }
  }

  shrank(characters: number): void {
    this.#used -= characters;
  }

  forget(tail: Tail): void {
    this.#tails.delete(tail);
  }
}

export class Tail {
  readonly #limit: number;
  readonly #budget: TailBudget;
  #records: TailRecord[] = [];
  #characters = 0;

  constructor(limit: number, budget: TailBudget) {
    this.#limit = limit;
    this.#budget = budget;
  }

  push(records: readonly TailRecord[]): void {
    let added = 0;
    for (const record of records) {
      this.#records.push(record);
      added += charactersOf(record);
    }
    this.#characters += added;
    // Twice the limit, so that dropping is rare and its cost spread.
    if (this.#records.length > 2 * this.#limit) this.#drop(this.#records.length - this.#limit);
    this.#budget.grew(this, added);
  }

  holds(seq: number): boolean {
    const first = this.#records[0];
    return first !== undefined && seq >= first.seq && seq < first.seq + this.#records.length;
  }

  /** The records after `after`, at most `count`; undefined when the first of them is no longer (or not yet) here. */
  after(after: number, count: number): readonly TailRecord[] | undefined {
    const first = this.#records[0];
    if (!first || !this.holds(after + 1)) return undefined;
    const start = after + 1 - first.seq;
    return this.#records.slice(start, start + count);
  }

  /** Drops everything: the store has it. */
  clear(): void {
    this.#drop(this.#records.length);
    this.#budget.forget(this);
  }

  #drop(count: number): void {
    const dropped = this.#records.splice(0, count);
    const characters = dropped.reduce((sum, record) => sum + charactersOf(record), 0);
    this.#characters -= characters;
    this.#budget.shrank(characters);
  }
}
