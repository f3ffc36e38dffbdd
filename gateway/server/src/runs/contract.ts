/**
 * The contract of a run (EV2) as a small state machine: what stands in the log of one run, and which event may come
 * next. Sits between every producer and the log (EV4); knows nothing of models, tools or stores.
 */
import { assertNever } from "@trueline/kit";
import { isTerminal, type LogEvent } from "@trueline/protocol";
import type { EventDraft } from "../log/event-log.ts";

/** What the log holds of one run. Built while it runs, or from the log when it is taken over. */
export interface RunHistory {
  started: boolean;
  ended: boolean;
  /** All text deltas, one after the other. */
  text: string;
  readonly calls: Map<string, { readonly tool: string; state: "open" | "completed" }>;
  /** Milliseconds that its tool calls took together. */
  toolMs: number;
  /** Ids of the messages whose `message_accepted` is there. */
  readonly announced: Set<string>;
  /** Whether the thread's `thread_created` was seen among the run's events. */
  threadCreated: boolean;
}

export function emptyHistory(): RunHistory {
  return {
    started: false,
    ended: false,
    text: "",
    calls: new Map(),
    toolMs: 0,
    announced: new Set(),
    threadCreated: false,
  };
}

/** Takes in an event of the run that the log has. */
export function remember(history: RunHistory, event: EventDraft | LogEvent): void {
  if (event.type === "text_delta") history.text += event.data.text;
  else if (event.type === "agent_started") history.started = true;
  else if (event.type === "message_accepted") history.announced.add(event.data.messageId);
  else if (event.type === "thread_created") history.threadCreated = true;
  else if (event.type === "tool_executing") {
    history.calls.set(event.data.callId, { tool: event.data.tool, state: "open" });
  } else if (event.type === "tool_completed") {
    history.calls.set(event.data.callId, { tool: event.data.tool, state: "completed" });
    history.toolMs += event.data.durationMs;
  } else if (isTerminal(event.type)) history.ended = true;
}

/** What is wrong with this event as the next one; undefined when nothing is. */
export function breach(history: RunHistory, draft: EventDraft): string | undefined {
  if (history.ended) return `${draft.type} after the end of the run`;
  const needsStart = !["message_accepted", "thread_created", "agent_started"].includes(draft.type);
  if (needsStart && !history.started) return `${draft.type} before agent_started`;
  return breachOfType(history, draft);
}

function breachOfType(history: RunHistory, draft: EventDraft): string | undefined {
  switch (draft.type) {
    case "agent_started":
      return history.started ? "agent_started twice" : undefined;
    case "text_delta":
      return draft.data.text === "" ? "an empty text_delta" : undefined;
    case "tool_executing":
      return history.calls.has(draft.data.callId) ? `call ${draft.data.callId} executing twice` : undefined;
    case "tool_completed":
      return breachOfCompletion(history, draft.data.callId);
    case "agent_completed":
    case "agent_failed":
    case "agent_cancelled":
      return breachOfEnd(history);
    case "message_accepted":
    case "agent_thinking":
    case "thread_created":
    case "thread_renamed":
    case "thread_deleted":
      return undefined;
    default:
      return assertNever(draft);
  }
}

function breachOfCompletion(history: RunHistory, callId: string): string | undefined {
  const call = history.calls.get(callId);
  if (call === undefined) return `call ${callId} completed without executing`;
  return call.state === "completed" ? `call ${callId} completed twice` : undefined;
}

function breachOfEnd(history: RunHistory): string | undefined {
  const open = openCalls(history);
  return open.length > 0 ? `the end while call ${open[0]?.callId} is open` : undefined;
}

export const openCalls = (history: RunHistory): readonly { callId: string; tool: string }[] =>
  [...history.calls].flatMap(([callId, call]) =>
    call.state === "open" ? [{ callId, tool: call.tool }] : [],
  );
