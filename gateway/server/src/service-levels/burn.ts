/**
 * How fast the error budget burns, and when that is an alert: several windows with several factors, after chapter 5 of
 * Google's SRE workbook. The short window ends an alert soon after the trouble has ended. Pure.
 */
import type { BurnAlert } from "@trueline/protocol";
import type { Tally } from "../ports/facts.ts";

/** The share of a 30-day budget that is gone when one fires: 2 % in an hour, 5 % in 6 hours, 10 % in 3 days. */
export const burnWindows = [
  { severity: "page", factor: 14.4, longMinutes: 60, shortMinutes: 5 },
  { severity: "page", factor: 6, longMinutes: 6 * 60, shortMinutes: 30 },
  { severity: "ticket", factor: 1, longMinutes: 3 * 24 * 60, shortMinutes: 6 * 60 },
] as const;

const windowMinutes = [
  ...new Set(burnWindows.flatMap(({ longMinutes, shortMinutes }) => [longMinutes, shortMinutes])),
];
export const longestWindowMinutes = Math.max(...windowMinutes);

/** What was counted so many minutes before the end; the last minute of the period is 1 before. */
export interface AgedTally extends Tally {
  readonly minutesAgo: number;
}

/** Share of bad by the share that may be bad. `Infinity` where none may be and some was; 0 where nothing was counted. */
function burnRate({ good, bad }: Tally, objective: number): number {
  if (bad === 0) return 0;
  const rate = bad / (good + bad) / (1 - objective);
  // 1 - 0.999 is not exactly a thousandth, and rates are compared with round factors.
  return Number.isFinite(rate) ? Number(rate.toPrecision(12)) : Number.POSITIVE_INFINITY;
}

export function burnAlerts(objective: number, tallies: readonly AgedTally[]): BurnAlert[] {
  const rates = new Map(
    windowMinutes.map((minutes) => [minutes, burnRate(within(tallies, minutes), objective)]),
  );
  return burnWindows.map((window) => {
    const longRate = rates.get(window.longMinutes) ?? 0;
    const shortRate = rates.get(window.shortMinutes) ?? 0;
    const firing = longRate >= window.factor && shortRate >= window.factor;
    return { ...window, longRate: finite(longRate), shortRate: finite(shortRate), firing };
  });
}

function within(tallies: readonly AgedTally[], minutes: number): Tally {
  let [good, bad] = [0, 0];
  for (const tally of tallies) {
    if (tally.minutesAgo > minutes) continue;
    good += tally.good;
    bad += tally.bad;
  }
  return { good, bad };
}

const finite = (rate: number): number | null => (Number.isFinite(rate) ? rate : null);
