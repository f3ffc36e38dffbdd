/**
 * The contract of a run: one schema per event, shared by server, client and docs (EV1).
 * JSON Schema and the TypeScript types are derived from this file; nothing else says what an event holds.
 */
import { z } from "zod";

const seq = z.int().positive();
const text = z.string();
const durationMs = z.number().nonnegative();

export const usageSchema = z.strictObject({
  inputTokens: z.int().nonnegative(),
  outputTokens: z.int().nonnegative(),
  /** US dollars, where the price of the model is configured. */
  costUsd: z.number().nonnegative().optional(),
});
export type Usage = z.infer<typeof usageSchema>;

/**
 * What was shown of an answer that was cut off: it stays in its thread as the agent's message. Absent where nothing was
 * shown.
 */
const partial = z.strictObject({ messageId: z.string(), text }).optional();

/** What each event carries in `data`. */
export const eventData = {
  /** A message of the user was accepted; other tabs show it from this. `id` is the client's own id for it. */
  message_accepted: z.strictObject({
    id: z.string(),
    messageId: z.string(),
    text,
    /** `started`: its run begins now. `queued`: its run waits for the active one. `steering`: it joins the active run. */
    disposition: z.enum(["started", "queued", "steering"]),
  }),
  agent_started: z.strictObject({ agent: z.string(), model: z.string(), description: z.string() }),
  /** A step begins (empty text) or the model gave some of its reasoning. Steps count from 1. */
  agent_thinking: z.strictObject({ step: z.int().positive(), text }),
  text_delta: z.strictObject({ text }),
  tool_executing: z.strictObject({
    tool: z.string(),
    callId: z.string(),
    purpose: z.string(),
    /** The arguments, secrets redacted. */
    arguments: z.record(z.string(), z.json()),
  }),
  tool_completed: z.strictObject({
    tool: z.string(),
    callId: z.string(),
    ok: z.boolean(),
    /** The beginning of the result, or the reason of the failure; at most 2,000 characters. */
    preview: z.string(),
    durationMs,
  }),
  agent_completed: z.strictObject({
    messageId: z.string(),
    /** The whole answer, uncut. */
    text,
    usage: usageSchema,
    durationMs,
  }),
  agent_failed: z.strictObject({
    code: z.string(),
    /** A sentence for a person. */
    message: z.string(),
    /** Whether sending the message again can help. */
    retryable: z.boolean(),
    partial,
  }),
  agent_cancelled: z.strictObject({
    by: z.string(),
    /** The connection that asked; null when it was asked over HTTP. */
    connectionId: z.string().nullable(),
    partial,
  }),
  thread_created: z.strictObject({ title: z.string() }),
  thread_renamed: z.strictObject({ title: z.string() }),
  thread_deleted: z.strictObject({}),
} as const;

export type EventType = keyof typeof eventData;
export type EventData<Type extends EventType = EventType> = z.infer<(typeof eventData)[Type]>;

export const eventTypes = Object.keys(eventData) as readonly EventType[];
export const threadEventTypes = ["thread_created", "thread_renamed", "thread_deleted"] as const;
/** Exactly one of these ends a run, and nothing of the run follows it (EV2). */
export const terminalEventTypes = ["agent_completed", "agent_failed", "agent_cancelled"] as const;
export type TerminalEventType = (typeof terminalEventTypes)[number];

export const isTerminal = (type: EventType): type is TerminalEventType =>
  (terminalEventTypes as readonly string[]).includes(type);

const envelope = <Type extends EventType>(type: Type) =>
  z.strictObject({
    type: z.literal(type),
    seq,
    /** Only on merged `text_delta`s: the first seq of the range that ends at `seq`. */
    ...(type === "text_delta" ? { firstSeq: seq.optional() } : {}),
    /** ISO 8601, UTC. */
    at: z.iso.datetime(),
    threadId: z.string(),
    /** Null on the thread events only. */
    runId: (threadEventTypes as readonly string[]).includes(type) ? z.null() : z.string(),
    data: eventData[type],
  });

export const eventSchema = z.discriminatedUnion("type", [
  envelope("message_accepted"),
  envelope("agent_started"),
  envelope("agent_thinking"),
  envelope("text_delta"),
  envelope("tool_executing"),
  envelope("tool_completed"),
  envelope("agent_completed"),
  envelope("agent_failed"),
  envelope("agent_cancelled"),
  envelope("thread_created"),
  envelope("thread_renamed"),
  envelope("thread_deleted"),
]);

/** An event as it stands in the log and on the wire. */
export type LogEvent<Type extends EventType = EventType> = {
  [T in Type]: {
    readonly type: T;
    readonly seq: number;
    readonly firstSeq?: number;
    readonly at: string;
    readonly threadId: string;
    readonly runId: T extends (typeof threadEventTypes)[number] ? null : string;
    readonly data: EventData<T>;
  };
}[Type];
