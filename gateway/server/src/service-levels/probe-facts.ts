/** What a walk of the probe counts for, in the minute in which it began. Pure. */
import type { ProbeLegName, ProbeReport } from "@trueline/protocol";
import type { LatencyName, MinuteFacts } from "../ports/facts.ts";
import { emptyMinute, measured, tallied } from "./minutes.ts";

/** Walks that say nothing count for nothing; but where nothing answers, the golden path is down for its users too. */
export function factsOfProbe(report: ProbeReport): MinuteFacts {
  const minute = emptyMinute(Date.parse(report.at), "probe");
  if (report.outcome === "inconclusive" && report.code !== "unreachable") return minute;
  const legs = new Map(report.legs.map((leg) => [leg.name, leg]));
  const isOk = (name: ProbeLegName): boolean => legs.get(name)?.ok === true;
  let facts = tallied(minute, "golden_path", report.outcome === "pass");
  for (const name of latencyLegs) {
    const leg = legs.get(name);
    // One that failed never came, for whoever waited for it.
    if (leg) facts = measured(facts, name, leg.ok ? leg.ms : Number.POSITIVE_INFINITY);
  }
  for (const name of ["events", "resume"] as const) {
    if (legs.has(name)) facts = tallied(facts, "delivery", isOk(name));
  }
  return legs.has("isolation") ? tallied(facts, "isolation", isOk("isolation")) : facts;
}

const latencyLegs = ["connect", "first_event", "answer"] as const satisfies readonly (ProbeLegName &
  LatencyName)[];
