/** Minutes of recorded facts: made, added to, merged, and read as a tally of one service level. Pure. */
import type { FactSource, ServiceLevelName } from "@trueline/protocol";
import { type LatencyName, latencyNames, type MinuteFacts, type Tally } from "../ports/facts.ts";
import { countOf, countWithin, emptyHistogram, mergeHistograms, observed } from "./histogram.ts";
import { levelTable, type Objective } from "./objectives.ts";

export const minuteMs = 60_000;

export const minuteOf = (at: number): number => Math.floor(at / minuteMs) * minuteMs;

/** Facts without their time: what many minutes come to. */
export type FactsSum = Pick<MinuteFacts, "tallies" | "latencies">;

export const noFacts: FactsSum = { tallies: {}, latencies: {} };

export const emptyMinute = (at: number, source: FactSource): MinuteFacts => ({
  minute: minuteOf(at),
  source,
  ...noFacts,
});

export function tallied<Sum extends FactsSum>(
  facts: Sum,
  level: ServiceLevelName,
  good: boolean,
  count = 1,
): Sum {
  const more = good ? { good: count, bad: 0 } : { good: 0, bad: count };
  return { ...facts, tallies: { ...facts.tallies, [level]: addTallies(facts.tallies[level], more) } };
}

/** `Infinity`: it never came. */
export function measured<Sum extends FactsSum>(facts: Sum, latency: LatencyName, ms: number): Sum {
  const histogram = observed(facts.latencies[latency] ?? emptyHistogram, ms);
  return { ...facts, latencies: { ...facts.latencies, [latency]: histogram } };
}

export function merge(left: FactsSum, right: FactsSum): FactsSum {
  const tallies: { [Name in ServiceLevelName]?: Tally } = { ...left.tallies };
  for (const [name, tally] of Object.entries(right.tallies) as [ServiceLevelName, Tally][]) {
    tallies[name] = addTallies(tallies[name], tally);
  }
  const latencies = { ...left.latencies };
  for (const name of latencyNames) {
    const more = right.latencies[name];
    if (more) latencies[name] = mergeHistograms(latencies[name] ?? emptyHistogram, more);
  }
  return { tallies, latencies };
}

/** Good and bad of one level. */
export function tallyOf(facts: FactsSum, level: ServiceLevelName, objective: Objective): Tally {
  const { latency } = levelTable[level];
  if (latency === undefined || objective.withinMs === undefined) return facts.tallies[level] ?? noTally;
  const histogram = facts.latencies[latency] ?? emptyHistogram;
  const good = countWithin(histogram, objective.withinMs);
  return { good, bad: countOf(histogram) - good };
}

const noTally: Tally = { good: 0, bad: 0 };

const addTallies = (left: Tally = noTally, right: Tally = noTally): Tally => ({
  good: left.good + right.good,
  bad: left.bad + right.bad,
});
