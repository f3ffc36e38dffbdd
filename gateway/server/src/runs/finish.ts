/**
 * The end of a run: its outcome is recorded, then its terminal event is written, then it is settled. Each is tried until
 * the store does it, and until then nothing else happens in the thread (EV2). Decides nothing: the outcome is given.
 */
import { assertNever, newId } from "@trueline/kit";
import { runFailures } from "@trueline/protocol";
import { answerOf, type RunOutcome } from "../ports/records.ts";
import { openCalls } from "./contract.ts";
import type { LiveRun } from "./live-run.ts";
import { readHistory } from "./recover.ts";
import { untilStored } from "./retry.ts";
import type { RunEvents } from "./run-events.ts";
import type { RunsOptions } from "./runs.ts";
import { startOnce } from "./start.ts";
import { completedData } from "./tools.ts";

/** Throws only when `abandoned` aborts. Resolves with the outcome that stands. */
export async function finishRun(
  run: LiveRun,
  options: RunsOptions,
  outcome: RunOutcome,
  abandoned: AbortSignal,
): Promise<RunOutcome> {
  const { records, observer } = options;
  const onFailure = (error: unknown) => {
    run.decide("store_unavailable");
    observer.logger.warn({ error, runId: run.id }, "the end of a run could not be stored yet");
  };
  const standing =
    run.row.outcome ?? (await untilStored(abandoned, () => close(run, options, outcome), onFailure));
  run.decide(standing);
  await untilStored(abandoned, () => writeEnd(run, options, standing), onFailure);
  await untilStored(abandoned, () => records.settleRun(run.id), onFailure);
  return standing;
}

/** What was recorded first stands: an earlier attempt may have come through without our hearing of it. */
async function close(run: LiveRun, options: RunsOptions, decided: RunOutcome): Promise<RunOutcome> {
  const { records, clock } = options;
  const outcome = await withPartial(run, options, decided);
  if (await records.closeRun(run.id, outcome, clock.now())) return outcome;
  return (await records.getRun(run.id))?.outcome ?? outcome;
}

/** What people saw of the answer stays: exactly what the log has, which may be less than what the model said. */
async function withPartial(run: LiveRun, options: RunsOptions, outcome: RunOutcome): Promise<RunOutcome> {
  const { events } = run;
  if (outcome.state === "completed") return outcome;
  if (events.isAheadOfLog) events.history = await readHistory(run, options);
  const { text } = events.history;
  return text === "" ? outcome : { ...outcome, partial: { messageId: newId("message"), text } };
}

/** Writes what is missing up to the terminal event. May be called again after a failure. */
async function writeEnd(run: LiveRun, options: RunsOptions, outcome: RunOutcome): Promise<void> {
  const { events } = run;
  if (events.history.ended) return;
  // EV2 holds for a run that never came to execute, too: it begins and ends in one breath.
  await startOnce(run, options);
  for (const call of openCalls(events.history)) {
    const result = { ok: false, result: "The run ended before the tool did.", durationMs: 0 };
    await events.emit("tool_completed", completedData(call, result, { blot: (text) => text }));
  }
  await showRest(events, answerOf(outcome)?.text ?? "");
  await writeTerminal(run, options, outcome);
}

/** After a crash the log may lack the last of what is recorded. */
async function showRest(events: RunEvents, text: string): Promise<void> {
  const shown = events.history.text;
  if (text.length > shown.length && text.startsWith(shown)) {
    await events.emit("text_delta", { text: text.slice(shown.length) });
  }
}

function writeTerminal(run: LiveRun, options: RunsOptions, outcome: RunOutcome): Promise<void> {
  const { events, usage } = run;
  switch (outcome.state) {
    case "completed": {
      const { messageId, text, durationMs } = outcome;
      return events.emit("agent_completed", { messageId, text, usage, durationMs });
    }
    case "failed": {
      const { code, message, partial } = outcome;
      const { retryable } = runFailures[code];
      options.observer.logger.info({ runId: run.id, code }, "a run failed");
      return events.emit("agent_failed", { code, message, retryable, ...(partial ? { partial } : {}) });
    }
    case "cancelled": {
      const { by, connectionId, partial } = outcome;
      return events.emit("agent_cancelled", { by, connectionId, ...(partial ? { partial } : {}) });
    }
    default:
      return assertNever(outcome);
  }
}
