/**
 * Threads as they are at a position: what a client loads before it goes live, or after a `reset` (RS2). Rows are written
 * before their events are in the log, so what the log has not announced yet is left out: its event is still to come.
 */
import type { ThreadId } from "@trueline/kit";
import type { MessageView, OpenRunView, RunView, ThreadResponse, ThreadView } from "@trueline/protocol";
import { runFailures, TruelineError } from "@trueline/protocol";
import type { OpenRun } from "../log/open-runs.ts";
import type { UserLog } from "../log/user-log.ts";
import type { MessageRow, RunRow, ThreadRow, UserRecords } from "../ports/records.ts";

/** Reads of a thread before its changes are too fast to be caught between two of them. */
const attempts = 20;

export async function readThread(
  log: UserLog,
  records: UserRecords,
  id: ThreadId,
): Promise<ThreadResponse | undefined> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const { landmark } = log;
    const thread = await records.getThread(id);
    if (!thread) return undefined;
    const messages = await records.listMessages(id);
    const runs = await records.listOpenRuns(id);
    // Rows and position belong together when nothing but deltas came in between; and what deltas change, the text of
    // open runs, is read with the position, at once.
    if (log.landmark === landmark && !runs.some((run) => isSettling(log, run))) {
      return { ...threadView(thread), ...contents(log, messages, runs), position: log.position };
    }
  }
  throw new TruelineError(
    "store_unavailable",
    "The thread changes faster than it can be read. Try again.",
    100,
  );
}

/** Its end is in the log, or the log lost it; its row says so in a moment. */
const isSettling = (log: UserLog, { id, state }: RunRow): boolean =>
  state === "closing" && log.openRuns.get(id) === undefined;

export function threadView(row: ThreadRow): ThreadView {
  const { id, title, createdAt, updatedAt } = row;
  return { id, title, createdAt: iso(createdAt), updatedAt: iso(updatedAt) };
}

export function runView(row: RunRow): RunView {
  const { id, threadId, messageId, agent, createdAt, endedAt, outcome, usage } = row;
  const failed = outcome?.state === "failed" ? outcome : undefined;
  return {
    id,
    threadId,
    messageId,
    agent,
    // Its end is recorded and stands, though its last event may not be in the log yet.
    state: row.state === "closing" ? (outcome?.state ?? "running") : row.state,
    createdAt: iso(createdAt),
    ...(endedAt === undefined ? {} : { endedAt: iso(endedAt) }),
    ...(outcome ? { usage } : {}),
    ...(failed
      ? {
          failure: {
            code: failed.code,
            message: failed.message,
            retryable: runFailures[failed.code].retryable,
          },
        }
      : {}),
  };
}

function contents(
  log: UserLog,
  messages: readonly MessageRow[],
  runs: readonly RunRow[],
): Pick<ThreadResponse, "messages" | "openRuns"> {
  const open = new Map(runs.map((run) => [run.id, log.openRuns.get(run.id)]));
  const announced = (message: MessageRow): boolean => {
    if (!open.has(message.runId)) return true;
    return message.role === "user" && open.get(message.runId)?.messages.has(message.id) === true;
  };
  return {
    messages: messages.filter(announced).map(messageView),
    openRuns: runs.flatMap((run) => {
      const soFar = open.get(run.id);
      return soFar ? [openRunView(run, soFar)] : [];
    }),
  };
}

function openRunView(row: RunRow, soFar: OpenRun): OpenRunView {
  // At the snapshot's position it is not over, whatever its row knows already of its end.
  const state = row.state === "queued" ? "queued" : "running";
  return {
    ...runView(row),
    state,
    text: soFar.text,
    step: soFar.step,
    toolCalls: [...soFar.toolCalls.values()],
  };
}

function messageView(row: MessageRow): MessageView {
  const { id, role, text, createdAt, runId, clientId, cutOff } = row;
  return {
    id,
    role,
    text,
    createdAt: iso(createdAt),
    runId,
    ...(clientId === undefined ? {} : { clientId }),
    ...(cutOff === undefined ? {} : { cutOff }),
  };
}

const iso = (at: number): string => new Date(at).toISOString();
