/** Bodies of the calls for administrators (`/v1/admin/…`), and what anybody may know of a gateway (`/v1/info`). */
import { z } from "zod";
import { userViewSchema } from "./frames.ts";

/** `GET /v1/info`, without signing in. */
export const infoResponseSchema = z.object({
  name: z.literal("Trueline"),
  version: z.string(),
  /** Whether e-mail and password are taken here. False where a team brings its own accounts. */
  passwordLogin: z.boolean(),
  /** A company's identity provider to sign in at, by its name: `/v1/auth/oidc/start` leads there. */
  identityProvider: z.object({ name: z.string() }).optional(),
  /** Only of a gateway started with `--demo`, which is refused on any host that is not loopback. */
  demo: z.object({ emails: z.array(z.string()), password: z.string() }).optional(),
});
export type InfoResponse = z.infer<typeof infoResponseSchema>;

/** Milliseconds, of everything measured since the start. Null where nothing was measured yet. */
export const latencySchema = z
  .object({ count: z.int().nonnegative(), p50: z.number(), p95: z.number(), p99: z.number() })
  .nullable();
export type Latency = z.infer<typeof latencySchema>;

/** One look at the metrics. Taken every `sampleMs`, kept for a while, oldest first. */
export const overviewSampleSchema = z.object({
  at: z.iso.datetime(),
  connections: z.int().nonnegative(),
  runs: z.int().nonnegative(),
  /** Appended to event logs, over the time since the sample before. */
  eventsPerSecond: z.number().nonnegative(),
});
export type OverviewSample = z.infer<typeof overviewSampleSchema>;

/** `GET /v1/admin/overview`: the numbers of /metrics, for a person. */
export const overviewResponseSchema = z.object({
  at: z.iso.datetime(),
  startedAt: z.iso.datetime(),
  version: z.string(),
  sampleMs: z.number().positive(),
  samples: z.array(overviewSampleSchema),
  connections: z.object({ ws: z.int().nonnegative(), sse: z.int().nonnegative() }),
  /** Users with a manager in memory. */
  managers: z.int().nonnegative(),
  runs: z.object({
    running: z.int().nonnegative(),
    queued: z.int().nonnegative(),
    completed: z.int().nonnegative(),
    failed: z.int().nonnegative(),
    cancelled: z.int().nonnegative(),
  }),
  events: z.object({ appended: z.int().nonnegative(), delivered: z.int().nonnegative() }),
  latencies: z.object({
    /** From the accepted message to the run's first event. */
    firstEvent: latencySchema,
    /** From the accepted message to the first piece of the answer. */
    firstText: latencySchema,
    /** What the gateway adds between the model's first token and the event log (RN6). */
    added: latencySchema,
    /** One commit of the event log. */
    commit: latencySchema,
  }),
  /** Connections whose reader has no room now. */
  slowReaders: z.int().nonnegative(),
  /** `reset`s since the start: readers that fell off the end of the log, or came back too late. */
  resets: z.int().nonnegative(),
  /** IS3: anything but 0 is an incident. */
  isolationViolations: z.int().nonnegative(),
  memory: z.object({ rssBytes: z.int().nonnegative(), heapUsedBytes: z.int().nonnegative() }),
  /** Walks of the golden path that were told to this gateway, newest first. Empty: no probe has run. */
  probes: z.array(
    z.object({
      at: z.iso.datetime(),
      ok: z.boolean(),
      durationMs: z.number(),
      message: z.string().optional(),
    }),
  ),
});
export type OverviewResponse = z.infer<typeof overviewResponseSchema>;

export const auditEntryViewSchema = z.object({
  seq: z.int().positive(),
  at: z.iso.datetime(),
  action: z.string(),
  /** Id of whom it is about. */
  user: z.string().nullable(),
  /** Id of who did it, or the part of the system that acted by itself. */
  by: z.string().nullable(),
  address: z.string().nullable(),
  detail: z.record(z.string(), z.json()),
});
export type AuditEntryView = z.infer<typeof auditEntryViewSchema>;

/** `GET /v1/admin/audit?user=&action=&from=&to=&before=&limit=`. `user`: an id or an e-mail; `from`, `to`: ISO 8601. */
export const auditResponseSchema = z.object({
  /** Newest first. */
  entries: z.array(auditEntryViewSchema),
  /** `before` of the next page; absent on the last. */
  next: z.int().positive().optional(),
});
export type AuditResponse = z.infer<typeof auditResponseSchema>;

/**
 * Also the answer to `POST /v1/admin/users/:id/disable`, `…/enable` and `…/revoke` (ends all sessions and closes all
 * connections of the user).
 */
export const adminUserViewSchema = userViewSchema.extend({
  disabled: z.boolean(),
  createdAt: z.iso.datetime(),
  sessions: z.int().nonnegative(),
  connections: z.int().nonnegative(),
});
export type AdminUserView = z.infer<typeof adminUserViewSchema>;

/** `GET /v1/admin/users?after=&limit=`, in the order of their ids. */
export const adminUsersResponseSchema = z.object({
  users: z.array(adminUserViewSchema),
  /** `after` of the next page; absent on the last. */
  next: z.string().optional(),
});
export type AdminUsersResponse = z.infer<typeof adminUsersResponseSchema>;
