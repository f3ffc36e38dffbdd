/**
 * A run as it lives on this node, from the moment it is accepted (or taken over) to its end or hand-over. Holds its
 * phase, what stops it, and the messages that join it; what it does is in the files beside this one.
 */
import { type Context, context } from "@opentelemetry/api";
import type { Clock, RunId, ThreadId } from "@trueline/kit";
import type { RunFailure, Usage } from "@trueline/protocol";
import type { Agent } from "../ports/model.ts";
import type { RunOutcome, RunRow } from "../ports/records.ts";
import { RunEvents } from "./run-events.ts";
import type { RunsOptions } from "./runs.ts";
import { handedOver, outcomeOfError, Stopped } from "./stop.ts";
import { ToolTime } from "./tool-time.ts";
import { Transcript } from "./transcript.ts";

/**
 * accepting: its message is not recorded yet. recovering: it is brought back to its last checkpoint. waiting: behind the active run of its thread. executing: it has the
 * thread, up to the decision how it ends. ending: the outcome is being recorded and its terminal event written. gone.
 */
export type RunPhase = "accepting" | "recovering" | "waiting" | "executing" | "ending" | "gone";

/** A message that joins a run: its text once it is recorded and announced, undefined when nothing came of it. */
type Joining = Promise<string | undefined>;

/** What a cancel waits for: how the run ends, or why that cannot be said now. */
export type Decision = RunOutcome | "store_unavailable" | "handed_over";

export class LiveRun {
  readonly row: RunRow;
  readonly agent: Agent | undefined;
  readonly events: RunEvents;
  readonly transcript: Transcript;
  readonly toolTime: ToolTime;
  /** The trace that the run belongs to: the one of the frame or request that sent its message. */
  readonly traceContext: Context = context.active();
  phase: RunPhase = "accepting";
  usage: Usage;
  /** Monotonic milliseconds: since when nothing but the run itself is waited for. */
  #dueSince: number;
  readonly #clock: Clock;
  readonly #controller = new AbortController();
  readonly #joining: Joining[] = [];
  readonly #announced = Promise.withResolvers<void>();
  readonly #decision = Promise.withResolvers<Decision>();
  readonly #gone = Promise.withResolvers<void>();

  constructor(row: RunRow, options: RunsOptions) {
    this.row = row;
    this.agent = options.agents.find(row.agent);
    this.usage = row.usage;
    this.#clock = options.clock;
    this.#dueSince = options.clock.monotonic() - Math.max(0, options.clock.now() - row.createdAt);
    this.toolTime = new ToolTime(options.limits.runToolTimeMs, options.clock);
    this.transcript = new Transcript(options.records, row.id);
    this.events = new RunEvents(options.log, { threadId: row.threadId, runId: row.id }, (error) =>
      this.abort(error),
    );
  }

  get id(): RunId {
    return this.row.id;
  }

  get threadId(): ThreadId {
    return this.row.threadId;
  }

  /** Aborted when the run is stopped, with a `Stopped` as its reason. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Milliseconds that it has taken so far, without the time that it waited behind others. */
  get durationMs(): number {
    return Math.max(0, this.#clock.monotonic() - this.#dueSince);
  }

  /** Whether a message can join it now. */
  get steerable(): boolean {
    return this.phase === "executing" && !this.signal.aborted;
  }

  /** Resolves when every message of the run that was accepted so far is in the log. */
  get announced(): Promise<void> {
    return this.#announced.promise;
  }

  get decision(): Promise<Decision> {
    return this.#decision.promise;
  }

  /** Resolves when it ended, its terminal event and all, or was handed over. */
  get gone(): Promise<void> {
    return this.#gone.promise;
  }

  /** Stops it, unless how it ends is decided already. The first reason stands. */
  abort(reason: unknown): void {
    if (this.phase === "ending" || this.phase === "gone") return;
    this.#controller.abort(reason instanceof Stopped ? reason : asStopped(reason));
  }

  fail(code: RunFailure, message: string): void {
    this.abort(new Stopped({ kind: "ended", outcome: { state: "failed", code, message } }));
  }

  /** Its waiting is over. */
  becomeDue(): void {
    this.#dueSince = this.#clock.monotonic();
  }

  announce(): void {
    this.#announced.resolve();
  }

  /** A message is about to join; the run does not end without it. Only while it is steerable. */
  join(message: Joining): void {
    this.#joining.push(message);
  }

  /** The next message that joined, once it is recorded; undefined when there is none. */
  async nextJoined(): Promise<string | undefined> {
    for (let next = this.#joining[0]; next !== undefined; next = this.#joining[0]) {
      const text = await next;
      this.#joining.shift();
      if (text !== undefined) return text;
    }
    return undefined;
  }

  /** From here on nothing joins and nothing stops it. False while a message is joining. */
  beginEnding(): boolean {
    if (this.#joining.length > 0) return false;
    this.phase = "ending";
    return true;
  }

  /** Ends without a word more to the model: what is joining now is recorded and announced, but not answered. */
  async beginEarlyEnding(): Promise<void> {
    this.phase = "ending";
    await Promise.all(this.#joining);
    await this.events.quiet();
  }

  decide(decision: Decision): void {
    this.#decision.resolve(decision);
  }

  leave(): void {
    this.phase = "gone";
    this.events.close();
    this.#controller.abort(handedOver());
    this.#announced.resolve();
    this.#decision.resolve("handed_over");
    this.#gone.resolve();
  }
}

function asStopped(error: unknown): Stopped {
  const outcome = outcomeOfError(error);
  return outcome === "handed_over" ? handedOver() : new Stopped({ kind: "ended", outcome }, { cause: error });
}
