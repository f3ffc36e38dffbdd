/** Every frame of `trueline.v1`, on one page. Events, the bulk of what a server sends, are in events.ts. */
import { z } from "zod";
import type { LogEvent } from "./events.ts";
import { wireLimitsSchema } from "./limits.ts";
import { positionSchema } from "./position.ts";

/** The client's own id for a message or request: its idempotency key. */
const clientId = z.string().min(1).max(128);

const name = z.string().max(100).default("unknown");

export const clientFrames = {
  /**
   * The one frame that takes what it does not know: while a deploy rolls, newer clients greet older nodes, and a refused
   * `hello` would send them away for good. In every other frame an unknown key is a mistake of the client.
   */
  hello: z.object({
    type: z.literal("hello"),
    /** Null is as absent: live from the head. */
    position: positionSchema.nullish(),
    client: z.object({ name, version: name }).prefault({}),
    /** False: one event a frame, no arrays and no merged deltas. */
    gather: z.boolean().optional(),
  }),
  send: z.strictObject({
    type: z.literal("send"),
    id: clientId,
    text: z.string().min(1),
    /** Absent: a new thread is made for it. */
    threadId: z.string().min(1).max(128).optional(),
    /** Absent: the default agent. */
    agent: z.string().min(1).max(100).optional(),
    /** What becomes of it while a run is active in the thread. Default `queue`. */
    whileActive: z.enum(["queue", "steer"]).optional(),
  }),
  cancel: z.strictObject({ type: z.literal("cancel"), id: clientId, runId: z.string().min(1).max(128) }),
  ping: z.strictObject({ type: z.literal("ping"), t: z.json() }),
} as const;

export const clientFrameSchema = z.discriminatedUnion("type", [
  clientFrames.hello,
  clientFrames.send,
  clientFrames.cancel,
  clientFrames.ping,
]);
export type ClientFrame = z.infer<typeof clientFrameSchema>;
export type HelloFrame = z.infer<typeof clientFrames.hello>;
export type SendFrame = z.infer<typeof clientFrames.send>;
export type CancelFrame = z.infer<typeof clientFrames.cancel>;

export const userViewSchema = z.object({
  id: z.string(),
  email: z.string(),
  name: z.string(),
  role: z.enum(["user", "administrator"]),
});
export type UserView = z.infer<typeof userViewSchema>;

export const resumeOutcomes = ["live", "replayed", "reset"] as const;
export const resetReasons = {
  /** The log was lost or reset since the position was given. */
  other_epoch: "the event log was started anew",
  /** The position is older than what is kept. */
  too_old: "the position is older than the events that are kept",
  /** The position lies ahead of the log. */
  unknown_position: "the position was never given out",
  /** The connection read so slowly that its place was dropped from the log. */
  fell_behind: "the connection read too slowly and its place is no longer kept",
} as const;
export type ResetReason = keyof typeof resetReasons;

const ids = { runId: z.string(), threadId: z.string(), messageId: z.string() };

export const serverFrames = {
  /** `position`: what follows comes right after it. Given position, when replayed; the head, when live or reset. */
  welcome: z.object({
    type: z.literal("welcome"),
    connectionId: z.string(),
    user: userViewSchema,
    position: positionSchema,
    resumed: z.enum(resumeOutcomes),
    limits: wireLimitsSchema,
  }),
  /** Answer to `send`, and to `cancel` (of whose run it names the ids; `messageId` is of the run's message). */
  ack: z.object({ type: z.literal("ack"), id: z.string(), ...ids }),
  refused: z.object({
    type: z.literal("refused"),
    id: z.string(),
    code: z.string(),
    message: z.string(),
    retryAfterMs: z.number().nonnegative().optional(),
  }),
  pong: z.object({ type: z.literal("pong"), t: z.json() }),
  reset: z.object({
    type: z.literal("reset"),
    position: positionSchema,
    reason: z.enum(Object.keys(resetReasons) as [ResetReason, ...ResetReason[]]),
  }),
  going_away: z.object({ type: z.literal("going_away"), reconnectAfterMs: z.number().nonnegative() }),
  error: z.object({ type: z.literal("error"), code: z.string(), message: z.string() }),
} as const;

export type ServerControlFrame = {
  [Type in keyof typeof serverFrames]: z.infer<(typeof serverFrames)[Type]>;
}[keyof typeof serverFrames];
export type WelcomeFrame = z.infer<typeof serverFrames.welcome>;
export type AckFrame = z.infer<typeof serverFrames.ack>;
export type RefusedFrame = z.infer<typeof serverFrames.refused>;
/** One JSON object of a text frame; a frame holds one, or an array of them in order. */
export type ServerFrame = ServerControlFrame | LogEvent;
