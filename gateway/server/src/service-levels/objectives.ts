/** The service levels in one table: what is counted, and which share of it must be good. `objectivesSchema` validates a configuration. */
import type { FactSource, ServiceLevelName } from "@trueline/protocol";
import { z } from "zod";
import type { LatencyName } from "../ports/facts.ts";
import { histogramBounds } from "./histogram.ts";

export interface LevelDescription {
  /** What is good and what is bad, by source. */
  readonly counts: Readonly<Record<FactSource, string>>;
  /** Of a latency: judged by its histogram. Of the others by what was tallied. */
  readonly latency?: LatencyName;
}

export const levelTable: Readonly<Record<ServiceLevelName, LevelDescription>> = {
  golden_path: {
    counts: {
      probe: "walks of the golden path that passed",
      traffic:
        "runs that completed, of those that completed or failed, and messages the server could not take",
    },
  },
  first_event: {
    counts: {
      probe: "walks whose run began in time after the message",
      traffic: "runs that began in time after the message",
    },
    latency: "first_event",
  },
  answer: {
    counts: {
      probe: "walks that had the answer in time",
      traffic: "completed runs that had the answer in time",
    },
    latency: "answer",
  },
  delivery: {
    counts: {
      probe: "event streams without a gap, a double or a swap, live and after a forced drop",
      traffic:
        "commits of the event log that succeeded, runs within their contract, and resumes that found their place",
    },
  },
  isolation: {
    counts: {
      probe: "walks in which the second user saw nothing of the first",
      traffic: "writes to a connection that were all its owner's",
    },
  },
};

const share = (byDefault: number) => z.number().gt(0).max(1).default(byDefault);
const within = (byDefault: number) =>
  z
    .number()
    .default(byDefault)
    .refine((ms) => (histogramBounds as readonly number[]).includes(ms), {
      message: `must be one of the bounds that are recorded: ${histogramBounds.join(", ")} ms`,
    });

export const objectivesSchema = z.strictObject({
  /** Shares of good, 0 to 1. */
  goldenPath: share(0.999),
  firstEvent: share(0.99),
  answer: share(0.99),
  delivery: share(0.9999),
  /** 1: no budget at all. One violation is an alert. */
  isolation: share(1),
  /** Milliseconds. */
  firstEventMs: within(5_000),
  /** Milliseconds. */
  answerMs: within(30_000),
});
export type Objectives = z.infer<typeof objectivesSchema>;

export const defaultObjectives: Objectives = objectivesSchema.parse({});

export interface Objective {
  readonly share: number;
  readonly withinMs?: number;
}

export function objectiveOf(name: ServiceLevelName, objectives: Objectives): Objective {
  switch (name) {
    case "golden_path":
      return { share: objectives.goldenPath };
    case "first_event":
      return { share: objectives.firstEvent, withinMs: objectives.firstEventMs };
    case "answer":
      return { share: objectives.answer, withinMs: objectives.answerMs };
    case "delivery":
      return { share: objectives.delivery };
    case "isolation":
      return { share: objectives.isolation };
  }
}
