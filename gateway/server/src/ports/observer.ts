/** What the engine tells about itself. Node turns it into metrics and log lines; nothing here changes behaviour. */
import type { UserId } from "@trueline/kit";
import type { EventType, ResetReason, RunFailure } from "@trueline/protocol";

export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface Observer {
  readonly logger: Logger;
  managers(count: number): void;
  connectionOpened(kind: "ws" | "sse"): void;
  connectionClosed(kind: "ws" | "sse", code: number): void;
  eventAppended(type: EventType): void;
  /** Duration of one commit of the log, milliseconds, and how many events it held. */
  committed(durationMs: number, events: number): void;
  commitFailed(error: unknown): void;
  /** Events and bytes of one write to one connection. */
  delivered(events: number, bytes: number): void;
  replayed(events: number): void;
  reset(reason: ResetReason): void;
  /** A connection has no room and its cursor waits (true), or goes on (false). */
  readerStalled(stalled: boolean): void;
  sendRefused(code: string): void;
  runStarted(agent: string): void;
  /** `code` is there for a failed run. Durations in milliseconds. */
  runEnded(
    agent: string,
    state: "completed" | "failed" | "cancelled",
    durationMs: number,
    code?: RunFailure,
  ): void;
  /** From the accepted message to its first event of the run, or to the first piece of the answer. */
  firstEvent(durationMs: number): void;
  firstText(durationMs: number): void;
  /** Between the model's first token and its commit to the log: what the gateway adds (RN6). */
  addedLatency(durationMs: number): void;
  toolEnded(tool: string, ok: boolean, durationMs: number): void;
  contractViolated(agent: string, what: string): void;
  /** IS3. Alerts at 1. */
  isolationViolated(where: string, owner: UserId, found: UserId): void;
}

const silence = (): void => undefined;

/** An observer that tells nobody; `overrides` for what a caller wants to see. */
export function silentObserver(overrides: Partial<Observer> = {}): Observer {
  const logger: Logger = { debug: silence, info: silence, warn: silence, error: silence };
  return {
    logger,
    managers: silence,
    connectionOpened: silence,
    connectionClosed: silence,
    eventAppended: silence,
    committed: silence,
    commitFailed: silence,
    delivered: silence,
    replayed: silence,
    reset: silence,
    readerStalled: silence,
    sendRefused: silence,
    runStarted: silence,
    runEnded: silence,
    firstEvent: silence,
    firstText: silence,
    addedLatency: silence,
    toolEnded: silence,
    contractViolated: silence,
    isolationViolated: silence,
    ...overrides,
  };
}
