/**
 * Counts what happens into minutes, until they are written. Owned by service-levels.ts. Counting stands on the way of
 * every write to a socket: `tally` allocates nothing, the immutable form is made when a minute is taken for writing.
 */
import { randomToken } from "@trueline/kit";
import { type FactSource, type ServiceLevelName, serviceLevelNames } from "@trueline/protocol";
import type { LatencyName, MinuteFacts, RecordedMinute } from "../ports/facts.ts";
import { emptyMinute, type FactsSum, measured, merge, minuteOf, noFacts, tallied } from "./minutes.ts";

interface OpenMinute {
  /** Of its own for each: a clock that jumps back begins a minute anew beside what is written of it. */
  readonly id: string;
  readonly minute: number;
  readonly source: FactSource;
  readonly good: Partial<Record<ServiceLevelName, number>>;
  readonly bad: Partial<Record<ServiceLevelName, number>>;
  /** What does not come thousands of times a second. */
  rest: FactsSum;
  /** Since it was written last. */
  changed: boolean;
}

export class Recorder {
  readonly #open = new Map<string, OpenMinute>();
  readonly #now: () => number;
  #current: OpenMinute | undefined;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Of the traffic, now. */
  tally(level: ServiceLevelName, good: boolean, count = 1): void {
    const minute = this.#traffic();
    const side = good ? minute.good : minute.bad;
    side[level] = (side[level] ?? 0) + count;
    minute.changed = true;
  }

  /** Of the traffic, now. */
  measure(latency: LatencyName, ms: number): void {
    const minute = this.#traffic();
    minute.rest = measured(minute.rest, latency, ms);
    minute.changed = true;
  }

  add(facts: MinuteFacts): void {
    const minute = this.#minute(facts.minute, facts.source);
    minute.rest = merge(minute.rest, facts);
    minute.changed = true;
  }

  /** The minutes that changed since they were taken last, whole. */
  takeChanged(): readonly RecordedMinute[] {
    const changed = [...this.#open.values()].filter((minute) => minute.changed);
    for (const minute of changed) minute.changed = false;
    return changed.map(recorded);
  }

  /** They were not written after all. */
  giveBack(minutes: readonly RecordedMinute[]): void {
    const ids = new Set(minutes.map(({ id }) => id));
    for (const minute of this.#open.values()) minute.changed ||= ids.has(minute.id);
  }

  /** Lets go of what is written of the minutes before the one of `at`. */
  forget(at: number): void {
    for (const [key, { minute, changed }] of this.#open) {
      if (minute !== minuteOf(at) && !changed) this.#open.delete(key);
    }
    if (this.#current && !this.#open.has(keyOf(this.#current))) this.#current = undefined;
  }

  #traffic(): OpenMinute {
    const minute = minuteOf(this.#now());
    if (this.#current?.minute !== minute) this.#current = this.#minute(minute, "traffic");
    return this.#current;
  }

  #minute(minute: number, source: FactSource): OpenMinute {
    const key = keyOf({ minute, source });
    const known = this.#open.get(key);
    if (known) return known;
    const open = { id: randomToken(9), minute, source, good: {}, bad: {}, rest: noFacts, changed: false };
    this.#open.set(key, open);
    return open;
  }
}

const keyOf = ({ minute, source }: Pick<OpenMinute, "minute" | "source">): string => `${source} ${minute}`;

function recorded({ id, minute, source, good, bad, rest }: OpenMinute): RecordedMinute {
  let facts: RecordedMinute = { id, ...emptyMinute(minute, source), ...rest };
  for (const name of serviceLevelNames) {
    const [goods = 0, bads = 0] = [good[name], bad[name]];
    if (goods > 0) facts = tallied(facts, name, true, goods);
    if (bads > 0) facts = tallied(facts, name, false, bads);
  }
  return facts;
}
