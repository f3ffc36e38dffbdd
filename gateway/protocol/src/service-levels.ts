/**
 * What the probe found on its walk of the golden path (HC2), and how far service levels are kept (HC3): what the probe
 * reports, what is recorded of it, and the bodies of `/v1/admin/probes` and `/v1/admin/service-levels`.
 */
import { z } from "zod";

/** The legs of the golden path, in the order in which they are walked. The sentence says what holds when one is ok. */
export const probeLegs = {
  login: "two users sign in",
  connect: "each has a socket that was welcomed, by ticket",
  send: "a message is acknowledged",
  first_event: "its run has begun",
  events: "its events come in order, none missing, none twice, as EV2 and EV3 say",
  answer: "the run completes with an answer",
  resume: "after a forced drop in the middle of a run the socket goes on where it was",
  isolation: "the second user saw nothing of it and cannot reach it",
  cleanup: "the thread is deleted and both users are signed out",
} as const;
export type ProbeLegName = keyof typeof probeLegs;
export const probeLegNames = Object.keys(probeLegs) as readonly ProbeLegName[];

/** Why a walk says nothing about the gateway. The sentence says when. */
export const inconclusiveCodes = {
  /** Nothing answered: no such host, connection refused, no answer in time, a proxy without its gateway. */
  unreachable: "nothing answers at this address",
  /** Something answered that does not speak the wire contract. */
  not_a_gateway: "what answers is not a Trueline gateway",
  /** The demo's users were tried, since no others were given, and the gateway does not have them. */
  no_accounts: "no accounts were given and the demo's are not there",
  unknown_agent: "the agent that was asked for is not registered",
  /** The gateway said that it restarts. */
  going_away: "the gateway is restarting",
} as const;
export type InconclusiveCode = keyof typeof inconclusiveCodes;

export const probeOutcomes = ["pass", "fail", "inconclusive"] as const;

export const probeLegSchema = z.object({
  name: z.enum(probeLegNames as [ProbeLegName, ...ProbeLegName[]]),
  ms: z.number().nonnegative(),
  ok: z.boolean(),
  /** Milliseconds it may take. */
  budgetMs: z.number().positive().optional(),
  /** What was wrong, for a person; or, of a leg that is ok, what is worth knowing. */
  detail: z.string().optional(),
});
export type ProbeLeg = z.infer<typeof probeLegSchema>;

export const probeReportSchema = z.object({
  outcome: z.enum(probeOutcomes),
  /** Of an inconclusive outcome. */
  code: z.enum(Object.keys(inconclusiveCodes) as [InconclusiveCode, ...InconclusiveCode[]]).optional(),
  /** A sentence: which leg failed and why, or that all hold. */
  message: z.string(),
  url: z.string(),
  at: z.iso.datetime(),
  durationMs: z.number().nonnegative(),
  /** Those that were walked. After a leg that others stand on has failed, these are not walked. */
  legs: z.array(probeLegSchema),
});
export type ProbeReport = z.infer<typeof probeReportSchema>;

/** `GET /v1/admin/probes?from&to&limit`. */
export const probesResponseSchema = z.object({
  /** Newest first. */
  probes: z.array(probeReportSchema),
});
export type ProbesResponse = z.infer<typeof probesResponseSchema>;

export const serviceLevelNames = ["golden_path", "first_event", "answer", "delivery", "isolation"] as const;
export type ServiceLevelName = (typeof serviceLevelNames)[number];

/** Where a fact comes from: the probe's walks, or what users did. */
export const factSources = ["probe", "traffic"] as const;
export type FactSource = (typeof factSources)[number];

/** A burn rate: 1 uses the error budget up exactly over its period. Null: the budget is zero and there were errors. */
const burnRateSchema = z.number().nonnegative().nullable();

export const burnAlertSchema = z.object({
  severity: z.enum(["page", "ticket"]),
  /** It fires while both windows burn at least this fast. */
  factor: z.number().positive(),
  longMinutes: z.number().positive(),
  shortMinutes: z.number().positive(),
  longRate: burnRateSchema,
  shortRate: burnRateSchema,
  firing: z.boolean(),
});
export type BurnAlert = z.infer<typeof burnAlertSchema>;

export const serviceLevelSchema = z.object({
  name: z.enum(serviceLevelNames),
  source: z.enum(factSources),
  /** What is counted as good, for a person. */
  description: z.string(),
  /** Share of good, 0 to 1, that is aimed at. */
  objective: z.number().min(0).max(1),
  /** Of the latencies: milliseconds within which one is good. */
  withinMs: z.number().positive().optional(),
  good: z.int().nonnegative(),
  bad: z.int().nonnegative(),
  /** good / (good + bad). Null where nothing was counted. */
  ratio: z.number().min(0).max(1).nullable(),
  met: z.boolean().nullable(),
  budget: z.object({
    /** How many may be bad, of as many as there were. */
    allowed: z.number().nonnegative(),
    /** Share of it that is left, 0 to 1. */
    left: z.number().min(0).max(1),
  }),
  /** Milliseconds; upper bounds of the histogram's buckets. Null: beyond the last bound. */
  latency: z
    .object({
      count: z.int().nonnegative(),
      p50: z.number().nullable(),
      p95: z.number().nullable(),
      p99: z.number().nullable(),
    })
    .optional(),
  /** As they are at the end of the period. */
  alerts: z.array(burnAlertSchema),
});
export type ServiceLevel = z.infer<typeof serviceLevelSchema>;

/** `GET /v1/admin/service-levels?from&to` (ISO 8601; default: the last 30 days). Times are whole minutes. */
export const serviceLevelsResponseSchema = z.object({
  from: z.iso.datetime(),
  to: z.iso.datetime(),
  /** Of the first and the last recorded minute in the period; null where nothing was recorded. */
  firstFactAt: z.iso.datetime().nullable(),
  lastFactAt: z.iso.datetime().nullable(),
  levels: z.array(serviceLevelSchema),
});
export type ServiceLevelsReport = z.infer<typeof serviceLevelsResponseSchema>;
