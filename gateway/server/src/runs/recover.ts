/**
 * Brings a run whose node died back to its last checkpoint (RN3): reads what the log has of it, writes what the log
 * lacks, and records what was shown. May be called again when the store failed in between. Executes nothing.
 */

import type { MessageRow } from "../ports/records.ts";
import { emptyHistory, type RunHistory, remember } from "./contract.ts";
import type { LiveRun } from "./live-run.ts";
import { showArguments } from "./redact.ts";
import type { RunsOptions } from "./runs.ts";
import { startOnce } from "./start.ts";
import { failed, stored } from "./stop.ts";
import { completedData, executingData } from "./tools.ts";

/** Gives the messages that joined the run and that its model has not seen yet, oldest first. */
export async function recoverRun(run: LiveRun, options: RunsOptions): Promise<readonly string[]> {
  run.events.history = await readHistory(run, options);
  run.toolTime.goOnFrom(run.events.history.toolMs);
  await run.transcript.load();
  const messages = await stored(() => options.records.listMessages(run.threadId));
  if (run.events.history.ended) return [];
  await announceMissing(run, options, messages);
  if (run.row.state !== "running") return [];
  if (run.transcript.entries.length > 0) await startOnce(run, options);
  await reconcileText(run);
  await completeRecorded(run);
  return joinedSince(run, messages).map((message) => message.text);
}

/** What the log has of the run. */
export async function readHistory(run: LiveRun, { log }: RunsOptions): Promise<RunHistory> {
  const history = emptyHistory();
  await stored(async () => {
    for await (const event of log.readFrom(run.row.logSeq)) {
      const ownThread = event.type === "thread_created" && event.threadId === run.threadId;
      if (event.runId === run.id || ownThread) remember(history, event);
    }
  });
  return history;
}

const messagesOf = (run: LiveRun, messages: readonly MessageRow[]): readonly MessageRow[] =>
  messages.filter((message) => message.runId === run.id && message.role === "user");

/** Accepted, and then the node died before it could say so. */
async function announceMissing(
  run: LiveRun,
  options: RunsOptions,
  messages: readonly MessageRow[],
): Promise<void> {
  const { events, row } = run;
  for (const message of messagesOf(run, messages)) {
    if (events.history.announced.has(message.id)) continue;
    if (message.id === messages[0]?.id) await announceThread(run, options, message);
    const own = row.state === "queued" ? "queued" : "started";
    await events.emit("message_accepted", {
      id: message.clientId ?? message.id,
      messageId: message.id,
      text: message.text,
      disposition: message.id === row.messageId ? own : "steering",
    });
  }
}

/** The first message of a thread may have made it: then both were recorded at the same time. */
async function announceThread(run: LiveRun, options: RunsOptions, first: MessageRow): Promise<void> {
  if (run.events.history.threadCreated) return;
  const thread = await stored(() => options.records.getThread(run.threadId));
  if (thread?.createdAt === first.createdAt) await run.events.emit("thread_created", { title: thread.title });
}

/** Text that was shown but not recorded becomes an interrupted step; text that was recorded but not shown is shown. */
async function reconcileText(run: LiveRun): Promise<void> {
  const shown = run.events.history.text;
  const recorded = run.transcript.text;
  if (shown === recorded) return;
  if (shown.startsWith(recorded)) {
    const text = shown.slice(recorded.length);
    await run.transcript.append({ role: "agent", text, toolCalls: [], interrupted: true });
  } else if (recorded.startsWith(shown)) {
    await run.events.emit("text_delta", { text: recorded.slice(shown.length) });
  } else {
    throw failed("internal_error", "What was shown of this answer and what was recorded do not agree.");
  }
}

/** Results that were recorded, and then the node died before they were shown as done. */
async function completeRecorded(run: LiveRun): Promise<void> {
  const { events, transcript } = run;
  for (const entry of transcript.entries) {
    if (entry.role !== "tool" || events.history.calls.get(entry.callId)?.state === "completed") continue;
    const call = transcript.calls.find((candidate) => candidate.callId === entry.callId);
    const tool = run.agent?.tools.find((candidate) => candidate.name === entry.tool);
    const shown = showArguments(call?.arguments, tool?.secretArguments);
    // Only a log that was lost has not even its beginning.
    const announced = events.history.calls.has(entry.callId);
    if (!announced) await events.emit("tool_executing", executingData(tool, entry, shown));
    // How long it took died with the node.
    await events.emit("tool_completed", completedData(entry, { ...entry, durationMs: 0 }, shown));
  }
}

function joinedSince(run: LiveRun, messages: readonly MessageRow[]): readonly MessageRow[] {
  const joined = messagesOf(run, messages).filter((message) => message.id !== run.row.messageId);
  return joined.slice(run.transcript.steered);
}
