/**
 * Recorded minutes, folded page by page into what a report needs: sums of the period, and the minutes that the windows of
 * its alerts still tell apart. A month is never in memory as a whole. Pure.
 */
import type { FactSource } from "@trueline/protocol";
import type { FactsPeriod, MinuteFacts } from "../ports/facts.ts";
import { longestWindowMinutes } from "./burn.ts";
import { type FactsSum, merge, minuteMs, minuteOf, noFacts } from "./minutes.ts";

export interface Gathered {
  /** In whole minutes. */
  readonly period: FactsPeriod;
  readonly sums: Readonly<Record<FactSource, FactsSum>>;
  /** Milliseconds since 1970; absent where nothing was recorded in the period. */
  readonly firstMinute?: number;
  readonly lastMinute?: number;
  /** The minutes of the longest window before the end. */
  readonly recent: readonly MinuteFacts[];
}

/** The minute of `to` belongs to the period, as far as it has come. */
export const nothingGathered = ({ from, to }: FactsPeriod): Gathered => ({
  period: { from: minuteOf(from), to: minuteOf(to - 1) + minuteMs },
  sums: { probe: noFacts, traffic: noFacts },
  recent: [],
});

/** What must be read: the windows of the alerts may reach back before the period. */
export const neededFor = ({ period: { from, to } }: Gathered): FactsPeriod => ({
  from: Math.min(from, recentFrom(to)),
  to,
});

/** Pages may come in any order, but each once. */
export function gathered(before: Gathered, page: readonly MinuteFacts[]): Gathered {
  const { from, to } = before.period;
  const sums = { ...before.sums };
  let [first, last] = [before.firstMinute, before.lastMinute];
  for (const facts of page.filter(({ minute }) => minute >= from && minute < to)) {
    sums[facts.source] = merge(sums[facts.source], facts);
    first = Math.min(first ?? facts.minute, facts.minute);
    last = Math.max(last ?? facts.minute, facts.minute);
  }
  const recent = page.filter(({ minute }) => minute >= recentFrom(to) && minute < to);
  return {
    period: before.period,
    sums,
    ...(first === undefined ? {} : { firstMinute: first }),
    ...(last === undefined ? {} : { lastMinute: last }),
    recent: recent.length === 0 ? before.recent : [...before.recent, ...recent],
  };
}

const recentFrom = (to: number): number => to - longestWindowMinutes * minuteMs;
