/** Bodies of the HTTP calls. OpenAPI at /v1/openapi.json is generated from these. */
import { z } from "zod";
import { usageSchema } from "./events.ts";
import { clientFrames, userViewSchema } from "./frames.ts";
import { positionSchema } from "./position.ts";

export const loginRequestSchema = z.strictObject({
  email: z.string().min(1).max(320),
  password: z.string().min(1).max(1024),
});
export const refreshRequestSchema = z.strictObject({ refreshToken: z.string().min(1).max(1024) });
/** With a refresh token the session ends even when the access token has expired. */
export const logoutRequestSchema = z.strictObject({ refreshToken: z.string().min(1).max(1024).optional() });
export const changePasswordRequestSchema = z.strictObject({
  current: z.string().min(1).max(1024),
  /** At least 8 characters. */
  next: z.string().min(8).max(1024),
});
export const sessionResponseSchema = z.object({
  accessToken: z.string(),
  refreshToken: z.string(),
  /** Seconds until the access token expires. */
  expiresIn: z.int().positive(),
  user: userViewSchema,
});
export type SessionResponse = z.infer<typeof sessionResponseSchema>;

/** `GET /v1/auth/me`. `expiresAt`: when access ends by itself; absent where it does not. */
export const meResponseSchema = z.object({ user: userViewSchema, expiresAt: z.iso.datetime().optional() });

/** `expiresIn`: seconds. */
export const ticketResponseSchema = z.object({ ticket: z.string(), expiresIn: z.int().positive() });

const title = z.string().trim().min(1).max(200);
export const createThreadRequestSchema = z.strictObject({ title: title.optional() });
export const renameThreadRequestSchema = z.strictObject({ title });

export const runStates = ["queued", "running", "completed", "failed", "cancelled"] as const;
export type RunState = (typeof runStates)[number];

export const threadViewSchema = z.object({
  id: z.string(),
  title: z.string(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});
export type ThreadView = z.infer<typeof threadViewSchema>;

/** How an answer came to be cut off. */
export const cutOffs = ["failed", "cancelled"] as const;
export type CutOff = (typeof cutOffs)[number];

export const messageViewSchema = z.object({
  id: z.string(),
  role: z.enum(["user", "agent"]),
  text: z.string(),
  createdAt: z.iso.datetime(),
  /** The run that answers it (role user) or that it answers (role agent). */
  runId: z.string(),
  /** Role user: the client's own id for it. */
  clientId: z.string().optional(),
  /** Role agent: the text is what was shown of the answer until its run ended this way. Absent: it is whole. */
  cutOff: z.enum(cutOffs).optional(),
});
export type MessageView = z.infer<typeof messageViewSchema>;

/** A tool call of an open run, as far as it has come. */
export const toolCallViewSchema = z.object({
  callId: z.string(),
  tool: z.string(),
  purpose: z.string(),
  arguments: z.record(z.string(), z.json()),
  result: z.object({ ok: z.boolean(), preview: z.string(), durationMs: z.number() }).optional(),
});
export type ToolCallView = z.infer<typeof toolCallViewSchema>;

export const runViewSchema = z.object({
  id: z.string(),
  threadId: z.string(),
  messageId: z.string(),
  agent: z.string(),
  state: z.enum(runStates),
  createdAt: z.iso.datetime(),
  endedAt: z.iso.datetime().optional(),
  usage: usageSchema.optional(),
  /** Of a failed run. */
  failure: z.object({ code: z.string(), message: z.string(), retryable: z.boolean() }).optional(),
});
export type RunView = z.infer<typeof runViewSchema>;

/** An open run in a snapshot: with the text and the tool calls so far, true at the snapshot's position. */
export const openRunViewSchema = runViewSchema.extend({
  text: z.string(),
  step: z.int().nonnegative(),
  toolCalls: z.array(toolCallViewSchema),
});
export type OpenRunView = z.infer<typeof openRunViewSchema>;

export const threadListResponseSchema = z.object({
  threads: z.array(threadViewSchema),
  position: positionSchema,
});
export type ThreadListResponse = z.infer<typeof threadListResponseSchema>;

export const threadResponseSchema = threadViewSchema.extend({
  messages: z.array(messageViewSchema),
  openRuns: z.array(openRunViewSchema),
  /** What was read is true at this position: apply the events after it, and nothing is missing or doubled. */
  position: positionSchema,
});
export type ThreadResponse = z.infer<typeof threadResponseSchema>;

export const sendRequestSchema = clientFrames.send.omit({ type: true, threadId: true });
export const sendResponseSchema = z.object({
  runId: z.string(),
  threadId: z.string(),
  messageId: z.string(),
});
export type SendResponse = z.infer<typeof sendResponseSchema>;

export const agentViewSchema = z.object({
  name: z.string(),
  model: z.string(),
  description: z.string(),
  /** Whether a message without `agent` goes to it. */
  default: z.boolean(),
  tools: z.array(z.object({ name: z.string(), description: z.string() })),
});
export type AgentView = z.infer<typeof agentViewSchema>;
export const agentListResponseSchema = z.object({ agents: z.array(agentViewSchema) });
