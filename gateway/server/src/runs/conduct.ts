/**
 * A run from the moment it has its thread, or was cancelled before, to its end or hand-over: its trace, its outcome,
 * whatever goes wrong. Never rejects. Called by the runs of a user, who give the thread on afterwards.
 */
import type { Observer } from "../ports/observer.ts";
import type { RunOutcome } from "../ports/records.ts";
import { executeRun } from "./execute.ts";
import { finishRun } from "./finish.ts";
import type { LiveRun } from "./live-run.ts";
import type { RunsOptions } from "./runs.ts";
import { ContractBroken, failed, handedOver, outcomeOfError, Stopped, stored } from "./stop.ts";
import { inSpan } from "./trace.ts";

export interface ConductHost {
  readonly options: RunsOptions;
  /** Runs stop at their next checkpoint. */
  readonly draining: boolean;
  /** Aborted when this node stops writing. */
  readonly abandoned: AbortSignal;
}

export async function conductRun(run: LiveRun, host: ConductHost): Promise<void> {
  const { observer } = host.options;
  const attributes = {
    "trueline.run": run.id,
    "trueline.thread": run.threadId,
    "trueline.agent": run.row.agent,
  };
  try {
    observer.runStarted(run.row.agent);
    await inSpan("trueline.run", attributes, () => toEnd(run, host), run.traceContext);
  } catch (error) {
    if (outcomeOfError(error) === "handed_over") return;
    observer.logger.error({ error, runId: run.id }, "a run could not be ended");
  }
}

/** What a run ended with, for whoever runs the server. The user gets the sentence of the outcome. */
export function reportError(run: LiveRun, observer: Observer, error: unknown): void {
  const about = { runId: run.id, agent: run.row.agent };
  if (error instanceof ContractBroken) {
    observer.contractViolated(run.row.agent, error.message);
    observer.logger.error({ ...about, what: error.message }, "an agent broke the contract");
  } else if (!(error instanceof Stopped)) {
    observer.logger.error({ ...about, error }, "an agent failed");
  } else if (error.cause !== undefined) {
    observer.logger.error({ ...about, error: error.cause }, "a run was stopped");
  }
}

async function toEnd(run: LiveRun, host: ConductHost): Promise<void> {
  const { options, abandoned } = host;
  const outcome = await outcomeOf(run, host);
  if (run.phase !== "ending") await run.beginEarlyEnding();
  const standing = await finishRun(run, options, outcome, abandoned);
  const code = standing.state === "failed" ? standing.code : undefined;
  options.observer.runEnded(run.row.agent, standing.state, run.durationMs, code);
}

/** How the run ends, without ending it. Throws when it is handed over. */
async function outcomeOf(run: LiveRun, host: ConductHost): Promise<RunOutcome> {
  try {
    await run.announced;
    if (run.row.outcome !== undefined) return run.row.outcome;
    run.signal.throwIfAborted();
    if (host.draining) throw handedOver();
    return await execute(run, host);
  } catch (error) {
    const outcome = outcomeOfError(error);
    if (outcome === "handed_over") throw error;
    reportError(run, host.options.observer, error);
    return outcome;
  }
}

async function execute(run: LiveRun, host: ConductHost): Promise<RunOutcome> {
  const { agent, row } = run;
  const { options } = host;
  if (agent === undefined) {
    throw failed("unknown_agent", `The agent ${row.agent} is not registered any more.`);
  }
  if (row.state === "queued") {
    run.becomeDue();
    await stored(() => options.records.startRun(run.id));
  }
  return executeRun(run, options, agent, () => host.draining);
}
