/**
 * The runs of one user: accepts, starts, cancels and takes over, and knows which of them are alive on this node.
 * Made by the user's manager, and by nobody else; how a run executes and ends is in the files beside this one.
 */
import type { RunId, ThreadId } from "@trueline/kit";
import type { CancelOutcome, Origin, SendOutcome, SendRequest } from "../manager/manager.ts";
import type { RunRow } from "../ports/records.ts";
import { Acceptance, type AcceptanceHost } from "./accept.ts";
import { conductRun, reportError } from "./conduct.ts";
import { Lanes } from "./lanes.ts";
import { type Decision, LiveRun } from "./live-run.ts";
import { recoverRun } from "./recover.ts";
import { cancelNotStored, goingAway, notFound, runEnded } from "./refusals.ts";
import { untilStored } from "./retry.ts";
import type { Runs, RunsOptions } from "./runs.ts";
import { handedOver, outcomeOfError, Stopped } from "./stop.ts";

export function createRuns(options: RunsOptions): Runs {
  return new UserRuns(options);
}

class UserRuns implements Runs, AcceptanceHost {
  readonly options: RunsOptions;
  readonly lanes = new Lanes();
  draining = false;
  readonly #acceptance: Acceptance;
  readonly #abandon = new AbortController();
  readonly #closedThreads = new Set<ThreadId>();
  readonly #drained = Promise.withResolvers<void>();

  constructor(options: RunsOptions) {
    this.options = options;
    this.#acceptance = new Acceptance(this);
  }

  get active(): number {
    return this.lanes.size + this.#acceptance.count;
  }

  get counts(): { running: number; queued: number } {
    const queued = this.lanes.all.filter(({ phase }) => phase === "waiting").length;
    const running = this.lanes.all.filter(({ phase }) => phase === "executing" || phase === "ending").length;
    return { running, queued };
  }

  get abandoned(): AbortSignal {
    return this.#abandon.signal;
  }

  async send(request: SendRequest, _origin: Origin): Promise<SendOutcome> {
    try {
      return await this.#acceptance.send(request);
    } finally {
      this.#tellDrained();
      this.#tellIdle();
    }
  }

  async cancel(id: RunId, origin: Origin): Promise<CancelOutcome> {
    const live = this.lanes.find(id);
    if (live !== undefined) return this.#cancelLive(live, origin);
    const row = await this.options.records.getRun(id);
    if (row === undefined) return notFound("run");
    // The answer to an earlier cancel may have been lost: asking again is answered as it was.
    if (row.outcome?.state === "cancelled") return cancelled(row);
    if (row.endedAt !== undefined || row.state === "closing") return runEnded();
    if (this.draining) return goingAway();
    return this.#cancelLive(this.lanes.find(id) ?? this.#takeOver(row, false), origin);
  }

  async takeOver(row: RunRow): Promise<void> {
    const run = this.lanes.find(row.id) ?? this.#takeOver(row, true);
    await Promise.race([run.announced, run.gone]);
  }

  async endThread<T>(id: ThreadId, origin: Origin, then: () => Promise<T>): Promise<T> {
    this.#closedThreads.add(id);
    try {
      const runs = this.lanes.all.filter((run) => run.threadId === id);
      await Promise.all(runs.map((run) => this.#endOfThread(run, origin)));
      await Promise.all(runs.map((run) => run.gone));
      return await then();
    } finally {
      this.#closedThreads.delete(id);
    }
  }

  drain(): Promise<void> {
    this.draining = true;
    this.#tellDrained();
    return this.#drained.promise;
  }

  abandon(): void {
    this.draining = true;
    this.#abandon.abort();
    for (const run of this.lanes.all) {
      run.events.close();
      run.abort(handedOver());
      run.announce();
      if (run.phase === "waiting") this.#leave(run);
    }
  }

  isClosed(thread: ThreadId): boolean {
    return this.#closedThreads.has(thread);
  }

  begin(run: LiveRun): void {
    // One that was cancelled meanwhile does not wait for its end.
    if (run.signal.aborted) this.lanes.stepOut(run);
    const waits = this.lanes.waiting(run.threadId).includes(run);
    run.phase = waits ? "waiting" : "executing";
    if (!waits) void this.#conduct(run);
    this.#startNext(run.threadId);
    this.#tellDrained();
  }

  withdraw(run: LiveRun): void {
    this.#leave(run);
  }

  adopt(row: RunRow): void {
    this.#takeOver(row, false);
  }

  #takeOver(row: RunRow, counted: boolean): LiveRun {
    const run = new LiveRun(row, this.options);
    if (row.state === "queued" || this.lanes.active(row.threadId) !== undefined) this.lanes.queue(run);
    else this.lanes.take(run);
    run.phase = "recovering";
    void this.#recover(run, counted);
    return run;
  }

  /** Brings it to where it can go on, whatever the store does in between, and gives it on. Never rejects. */
  async #recover(run: LiveRun, counted: boolean): Promise<void> {
    const { observer } = this.options;
    const onFailure = (error: unknown) =>
      observer.logger.warn({ error, runId: run.id }, "a run is not taken over yet");
    try {
      if (counted) await untilStored(this.abandoned, () => this.#countTakeover(run), onFailure);
      const joined = await untilStored(this.abandoned, () => this.#recoverOnce(run), onFailure);
      this.begin(run);
      if (run.steerable) for (const text of joined) run.join(Promise.resolve(text));
      run.announce();
    } catch {
      // Only a hand-over comes here: whoever takes the run over next begins with it anew.
      this.#leave(run);
    }
  }

  async #countTakeover(run: LiveRun): Promise<void> {
    if (run.row.state !== "running") return;
    const { takeovers } = this.options.limits;
    if ((await this.options.records.countTakeover(run.id)) <= takeovers) return;
    run.fail("interrupted", `The run was interrupted by restarts more than ${takeovers} times.`);
  }

  /** Throws only what is worth another try. A record that contradicts itself ends the run. */
  async #recoverOnce(run: LiveRun): Promise<readonly string[]> {
    const { observer } = this.options;
    try {
      return await recoverRun(run, this.options);
    } catch (error) {
      const outcome = outcomeOfError(error);
      if (outcome === "handed_over") throw error;
      if (outcome.state === "failed" && outcome.code === "store_unavailable") throw error;
      reportError(run, observer, error);
      run.abort(error);
      return [];
    }
  }

  async #cancelLive(run: LiveRun, origin: Origin): Promise<CancelOutcome> {
    const decision = await this.#stopRun(run, origin);
    if (decision === "store_unavailable") return cancelNotStored();
    if (decision === "handed_over") return goingAway();
    if (decision.state !== "cancelled") return runEnded();
    return cancelled(run.row);
  }

  async #endOfThread(run: LiveRun, origin: Origin): Promise<void> {
    const decision = await this.#stopRun(run, origin);
    if (typeof decision === "string" || decision.state !== "cancelled") return;
    const { id: runId, threadId } = run;
    this.options.onCancelled({ runId, threadId, messageId: run.row.messageId }, origin);
  }

  #stopRun(run: LiveRun, origin: Origin): Promise<Decision> {
    const { connectionId } = origin;
    const outcome = { state: "cancelled", by: this.options.user, connectionId } as const;
    run.abort(new Stopped({ kind: "ended", outcome }));
    if (run.phase === "waiting" && this.lanes.stepOut(run)) {
      run.phase = "executing";
      void this.#conduct(run);
    }
    return run.decision;
  }

  async #conduct(run: LiveRun): Promise<void> {
    await conductRun(run, this);
    this.#leave(run);
  }

  #startNext(thread: ThreadId): void {
    if (this.draining) return;
    const next = this.lanes.promote(thread);
    if (next === undefined) return;
    next.phase = "executing";
    void this.#conduct(next);
  }

  #leave(run: LiveRun): void {
    this.lanes.leave(run);
    run.leave();
    this.#startNext(run.threadId);
    this.#tellDrained();
    this.#tellIdle();
  }

  #tellDrained(): void {
    const resting = this.lanes.all.every((run) => run.phase === "waiting" || run.phase === "gone");
    if (this.draining && resting && this.#acceptance.count === 0) this.#drained.resolve();
  }

  #tellIdle(): void {
    if (this.active === 0) this.options.onIdle();
  }
}

const cancelled = ({ id, threadId, messageId }: RunRow): CancelOutcome => ({
  ok: true,
  runId: id,
  threadId,
  messageId,
});
