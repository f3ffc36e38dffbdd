/**
 * Where an accepted message goes: to a run of its own, at once or in the queue of its thread, or to the active run that
 * it joins; or that there is no place for it (RN4). Taking a place is one synchronous step.
 */
import { newId, type ThreadId } from "@trueline/kit";
import type { AcceptMessage, RunRow } from "../ports/records.ts";
import type { Lanes } from "./lanes.ts";
import { LiveRun } from "./live-run.ts";
import { type Refused, runLimit } from "./refusals.ts";
import type { RunsOptions } from "./runs.ts";

export type Place = { readonly kind: "own" | "joins"; readonly run: LiveRun };

/** A message before it has a place. */
export type MessageDraft = Omit<AcceptMessage, "run" | "runId">;

export function takePlace(
  lanes: Lanes,
  options: RunsOptions,
  message: MessageDraft,
  threadId: ThreadId,
  steers: boolean,
): Place | Refused {
  const active = lanes.active(threadId);
  if (steers && active?.steerable === true) return { kind: "joins", run: active };
  const waits = active !== undefined || lanes.waiting(threadId).length > 0;
  const refusal = waits ? queueRefusal(lanes, options, threadId) : runRefusal(lanes, options);
  if (refusal !== undefined) return refusal;
  const run = new LiveRun(rowOf(message, threadId, waits ? "queued" : "running"), options);
  if (waits) lanes.queue(run);
  else lanes.take(run);
  return { kind: "own", run };
}

/** What the records must know of the place. */
export const placement = ({ kind, run }: Place): Pick<AcceptMessage, "run" | "runId"> => ({
  runId: run.id,
  run: kind === "joins" ? { joins: run.id } : { state: run.row.state === "queued" ? "queued" : "running" },
});

const longestTitle = 80;

/** A thread that is made for a message is called by its first line. */
export function newThread(text: string): { create: ThreadId; title: string } {
  const line = text.trim().split("\n")[0]?.trim() ?? "";
  return { create: newId("thread"), title: line === "" ? "New thread" : shorten(line) };
}

function shorten(line: string): string {
  if (line.length <= longestTitle) return line;
  // Not in the middle of a character.
  const cut = line.slice(0, longestTitle - 1).replace(/[\uD800-\uDBFF]$/, "");
  return `${cut.trimEnd()}…`;
}

function queueRefusal(lanes: Lanes, { limits }: RunsOptions, threadId: ThreadId): Refused | undefined {
  const limit = limits.queuedPerThread;
  const count = lanes.waiting(threadId).length;
  if (count < limit) return undefined;
  return runLimit(`The limit queuedPerThread is ${limit}, and ${count} messages wait in this thread.`);
}

function runRefusal(lanes: Lanes, { limits }: RunsOptions): Refused | undefined {
  const limit = limits.runsAtOnce;
  const count = lanes.activeCount;
  if (limit === 0 || count < limit) return undefined;
  return runLimit(`The limit runsAtOnce is ${limit}, and ${count} runs are active.`);
}

function rowOf(message: MessageDraft, threadId: ThreadId, state: "queued" | "running"): RunRow {
  const { messageId, agent, logSeq, at } = message;
  const usage = { inputTokens: 0, outputTokens: 0 };
  return { id: newId("run"), threadId, messageId, agent, state, logSeq, takeovers: 0, usage, createdAt: at };
}
