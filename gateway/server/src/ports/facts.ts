/**
 * Where recorded facts are kept: the probe's walks one by one, and per minute what was counted and measured. Service
 * levels are computed from nothing else. Adapters run testing/facts-suite.ts.
 */
import type { FactSource, ProbeReport, ServiceLevelName } from "@trueline/protocol";

export interface Tally {
  readonly good: number;
  readonly bad: number;
}

/** How often a value fell into each bucket of the fixed bounds (service-levels/histogram.ts); the last: beyond all. */
export interface Histogram {
  readonly counts: readonly number[];
}

export const latencyNames = ["connect", "first_event", "first_text", "answer"] as const;
export type LatencyName = (typeof latencyNames)[number];

/** What was recorded of one source in one minute. Merging is adding: in any order, in any grouping. */
export interface MinuteFacts {
  /** Beginning of the minute, milliseconds since 1970. */
  readonly minute: number;
  readonly source: FactSource;
  readonly tallies: { readonly [Name in ServiceLevelName]?: Tally };
  readonly latencies: { readonly [Name in LatencyName]?: Histogram };
}

/** Stands for itself: written again under its id it takes the place of what was written before, and counts once. */
export interface RecordedMinute extends MinuteFacts {
  readonly id: string;
}

export interface FactsPeriod {
  /** Milliseconds since 1970, inclusive. */
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
}

export interface Facts {
  addProbe(report: ProbeReport): Promise<void>;
  /** Newest first. */
  probes(query: Partial<FactsPeriod> & { readonly limit: number }): Promise<readonly ProbeReport[]>;
  putMinutes(minutes: readonly RecordedMinute[]): Promise<void>;
  /** Oldest first. A minute comes once for each process that recorded something in it. */
  minutes(period: FactsPeriod): Promise<readonly MinuteFacts[]>;
  /** Drops walks and minutes from before these times. Gives the number of rows. */
  trim(before: { readonly probes: number; readonly minutes: number }): Promise<number>;
}
