/** How far the service levels were kept in a period, from recorded facts and from nothing else (HC3). Pure. */
import {
  type FactSource,
  factSources,
  type ServiceLevel,
  type ServiceLevelName,
  type ServiceLevelsReport,
  serviceLevelNames,
} from "@trueline/protocol";
import type { Tally } from "../ports/facts.ts";
import { type AgedTally, burnAlerts } from "./burn.ts";
import type { Gathered } from "./gather.ts";
import { countOf, emptyHistogram, quantileOf } from "./histogram.ts";
import { type FactsSum, minuteMs, tallyOf } from "./minutes.ts";
import { levelTable, type Objective, type Objectives, objectiveOf } from "./objectives.ts";

export function serviceLevels(gathered: Gathered, objectives: Objectives): ServiceLevelsReport {
  const { period, firstMinute, lastMinute } = gathered;
  return {
    from: iso(period.from),
    to: iso(period.to),
    firstFactAt: firstMinute === undefined ? null : iso(firstMinute),
    lastFactAt: lastMinute === undefined ? null : iso(lastMinute),
    levels: factSources.flatMap((source) =>
      serviceLevelNames.map((name) => level(gathered, source, name, objectiveOf(name, objectives))),
    ),
  };
}

function level(
  gathered: Gathered,
  source: FactSource,
  name: ServiceLevelName,
  objective: Objective,
): ServiceLevel {
  const sum = gathered.sums[source];
  const tally = tallyOf(sum, name, objective);
  const ratio = ratioOf(tally);
  const latency = latencyOf(sum, name);
  return {
    name,
    source,
    description: levelTable[name].counts[source],
    objective: objective.share,
    ...(objective.withinMs === undefined ? {} : { withinMs: objective.withinMs }),
    ...tally,
    ratio,
    met: ratio === null ? null : ratio >= objective.share,
    budget: budgetOf(tally, objective.share),
    ...(latency === undefined ? {} : { latency }),
    alerts: burnAlerts(objective.share, agedTallies(gathered, source, name, objective)),
  };
}

function agedTallies(
  { recent, period }: Gathered,
  source: FactSource,
  name: ServiceLevelName,
  objective: Objective,
): readonly AgedTally[] {
  return recent
    .filter((facts) => facts.source === source)
    .map((facts) => ({
      ...tallyOf(facts, name, objective),
      minutesAgo: (period.to - facts.minute) / minuteMs,
    }));
}

const ratioOf = ({ good, bad }: Tally): number | null => (good + bad === 0 ? null : good / (good + bad));

function budgetOf({ good, bad }: Tally, objective: number): ServiceLevel["budget"] {
  const allowed = Number(((good + bad) * (1 - objective)).toPrecision(12));
  if (bad === 0) return { allowed, left: 1 };
  return { allowed, left: allowed === 0 ? 0 : Math.max(0, 1 - bad / allowed) };
}

function latencyOf(sum: FactsSum, name: ServiceLevelName): ServiceLevel["latency"] {
  const { latency } = levelTable[name];
  if (latency === undefined) return undefined;
  const histogram = sum.latencies[latency] ?? emptyHistogram;
  const quantile = (share: number) => quantileOf(histogram, share) ?? null;
  return { count: countOf(histogram), p50: quantile(0.5), p95: quantile(0.95), p99: quantile(0.99) };
}

const iso = (at: number): string => new Date(at).toISOString();
