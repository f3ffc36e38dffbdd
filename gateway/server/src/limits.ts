/**
 * Every limit of the gateway, in one table: unit, default, and what zero means. `limitsSchema` validates what a
 * configuration gives; a refusal names the limit by the key that stands here (RN4).
 */
import { z } from "zod";

const count = (byDefault: number) => z.int().min(0).default(byDefault);
const positive = (byDefault: number) => z.int().min(1).default(byDefault);

export const limitsSchema = z.strictObject({
  // Per user
  /** Connections at once. 0: no limit. */
  connections: count(10),
  /** Runs at once, over all threads; queued ones do not count. 0: no limit. */
  runsAtOnce: count(5),
  /** Messages waiting behind the active run of one thread. 0: none may wait. */
  queuedPerThread: count(10),
  /** Messages a minute. 0: no limit. */
  messagesPerMinute: count(60),
  /** Model tokens, in and out, a UTC day. 0: no limit. */
  tokensPerDay: count(0),

  // Per run
  /** Milliseconds from start to end. 0: no limit. */
  runTimeoutMs: count(10 * 60_000),
  /** Model calls. */
  steps: positive(20),
  /** Milliseconds a tool call may take, where the tool does not say. */
  toolTimeoutMs: positive(60_000),
  /** Milliseconds that all tool calls of a run may take together; calls at once count each for itself. 0: no limit. */
  runToolTimeMs: count(5 * 60_000),
  /** Milliseconds a model may be silent before and between its tokens. */
  modelSilenceMs: positive(60_000),
  /** How often a run is taken over after crashes before it ends `interrupted`. */
  takeovers: count(5),

  // Per connection
  /** Bytes of one client frame. */
  frameBytes: positive(256 * 1024),
  /** UTF-16 units of one message. */
  textLength: positive(100_000),
  /** Client frames a second, averaged over ten. 0: no limit. */
  framesPerSecond: count(50),
  /** Milliseconds from upgrade to `hello`. */
  helloTimeoutMs: positive(5_000),
  /** Milliseconds between the server's pings; a connection that answered none for twice as long is closed. 0: no pings. */
  pingIntervalMs: count(30_000),

  // Event log
  /** Milliseconds in which deltas that follow one another are gathered into one write. 0: each at once. */
  gatherMs: count(20),
  /** Events of one user kept in memory. */
  tailEvents: positive(512),
  /** Hours that events are kept for replay after their run ended. 0: for ever. */
  retentionHours: count(72),
  /** Days that the client id of a message is known after its thread was deleted: sent again it runs no more. 0: for ever. */
  clientIdDays: count(30),
  /** Most events that are replayed to a position; older ones get a `reset`. */
  replayEvents: positive(100_000),

  // Node
  /** Milliseconds a manager stays after its last connection and run. */
  managerIdleMs: count(60_000),
  /** Milliseconds a drain waits for runs to end or reach a checkpoint. */
  drainGraceMs: count(20_000),
});
export type Limits = z.infer<typeof limitsSchema>;

export const defaultLimits: Limits = limitsSchema.parse({});
