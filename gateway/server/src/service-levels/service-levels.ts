/**
 * The service levels of a gateway: counts its traffic, takes the probe's walks, keeps both as facts, reports on any
 * period of them. Made once by the node's wiring; the only writer of the facts port.
 */
import type { Clock } from "@trueline/kit";
import type { ProbeReport, ServiceLevelsReport } from "@trueline/protocol";
import type { Facts, FactsPeriod } from "../ports/facts.ts";
import type { Observer } from "../ports/observer.ts";
import { gathered, neededFor, nothingGathered } from "./gather.ts";
import { defaultObjectives, type Objectives } from "./objectives.ts";
import { factsOfProbe } from "./probe-facts.ts";
import { Recorder } from "./recorder.ts";
import { serviceLevels } from "./report.ts";
import { countTraffic } from "./traffic.ts";

export interface ServiceLevelsOptions {
  readonly facts: Facts;
  readonly clock: Clock;
  readonly objectives?: Objectives;
  /** Days that walks of the probe are kept one by one. Default 7. What they count for is kept with the minutes. */
  readonly probeDays?: number;
  /** Days that minutes are kept, and so how far back a report can reach. Default 100. */
  readonly minuteDays?: number;
}

export interface ServiceLevels {
  /** The same observer, and what it is told is counted. */
  observe(inner: Observer): Observer;
  /** Kept when the promise resolves. */
  recordProbe(report: ProbeReport): Promise<void>;
  /** Newest first. */
  probes: Facts["probes"];
  /** What was not written yet counts too. */
  report(period: FactsPeriod): Promise<ServiceLevelsReport>;
  /** Writes what was counted since the last time, and drops what is too old. Every few seconds, and at the end. */
  flush(): Promise<void>;
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** A page of minutes is read in a few milliseconds, so that no socket waits for a report. */
const pageMs = 6 * hourMs;

export function createServiceLevels(options: ServiceLevelsOptions): ServiceLevels {
  const { facts, clock, objectives = defaultObjectives, probeDays = 7, minuteDays = 100 } = options;
  const recorder = new Recorder(() => clock.now());
  let trimmedAt = clock.monotonic();

  async function write(): Promise<void> {
    const minutes = recorder.takeChanged();
    if (minutes.length === 0) return;
    try {
      await facts.putMinutes(minutes);
    } catch (error) {
      recorder.giveBack(minutes);
      throw error;
    }
    recorder.forget(clock.now());
  }

  async function trim(): Promise<void> {
    if (clock.monotonic() - trimmedAt < hourMs) return;
    trimmedAt = clock.monotonic();
    const now = clock.now();
    await facts.trim({ probes: now - probeDays * dayMs, minutes: now - minuteDays * dayMs });
  }

  async function report(period: FactsPeriod): Promise<ServiceLevelsReport> {
    await write();
    let all = nothingGathered(period);
    const { from, to } = neededFor(all);
    for (let start = from; start < to; start += pageMs) {
      const page = await facts.minutes({ from: start, to: Math.min(start + pageMs, to) });
      all = gathered(all, page);
      await new Promise((resolve) => setImmediate(resolve));
    }
    return serviceLevels(all, objectives);
  }

  return {
    observe: (inner) => countTraffic(inner, recorder),
    async recordProbe(walk) {
      recorder.add(factsOfProbe(walk));
      await facts.addProbe(walk);
      await write();
    },
    probes: (query) => facts.probes(query),
    report,
    async flush() {
      await write();
      await trim();
    },
  };
}
