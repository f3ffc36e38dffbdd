/** The messages and runs of one thread: from a snapshot, and onwards by its events. Pure; called by reduce.ts only. */
import type { LogEvent, MessageView, OpenRunView, RunView, ThreadResponse } from "@trueline/protocol/wire";
import { applyToRun, endedRun, runFromSnapshot, startRun } from "./run.ts";
import type { ConversationRun, ThreadContent } from "./types.ts";

/** `before`: what was known already. Of it stay the runs that were seen ending, with all that they did. */
export function contentOf(snapshot: ThreadResponse, before: ThreadContent | undefined): ThreadContent {
  const { id, title, createdAt, updatedAt, messages, openRuns } = snapshot;
  const known = new Map(before?.runs.map((run) => [run.id, run]));
  const opened = openRuns.map((run) => runFromSnapshot(run, known.get(run.id)));
  const ended = (before?.runs ?? []).filter((run) => hasEnded(run) && !isAmong(openRuns, run));
  return {
    thread: { id, title, createdAt, updatedAt },
    messages,
    runs: inOrder([...ended, ...opened], messages),
  };
}

export function applyToContent(content: ThreadContent, event: LogEvent): ThreadContent {
  const { runId } = event;
  if (runId === null) return content;
  const run = content.runs.find(({ id }) => id === runId);
  if (event.type === "message_accepted") return acceptMessage(content, event, run);
  if (run && hasEnded(run)) return content;
  const next = applyToRun(run ?? startRun(event, messageIdOf(content, runId), "running"), event);
  const runs = run ? content.runs.map((other) => (other === run ? next : other)) : [...content.runs, next];
  const answer = answerOf(event);
  return { ...content, runs, messages: answer ? withMessage(content.messages, answer) : content.messages };
}

/** A run that ended before the snapshot was made. What was seen of it is not overwritten. */
export function withEndedRun(content: ThreadContent, run: RunView): ThreadContent {
  const isKnown = content.runs.some(({ id }) => id === run.id);
  if (isKnown || run.state === "queued" || run.state === "running") return content;
  return { ...content, runs: inOrder([...content.runs, endedRun(run)], content.messages) };
}

const hasEnded = ({ state }: Pick<ConversationRun, "state">): boolean =>
  state !== "queued" && state !== "running";

function acceptMessage(
  content: ThreadContent,
  event: LogEvent<"message_accepted">,
  run: ConversationRun | undefined,
): ThreadContent {
  const { id: clientId, messageId, text, disposition } = event.data;
  const message: MessageView = {
    id: messageId,
    role: "user",
    text,
    createdAt: event.at,
    runId: event.runId,
    clientId,
  };
  const messages = withMessage(content.messages, message);
  if (run || disposition === "steering") return { ...content, messages };
  const state = disposition === "queued" ? "queued" : "running";
  return { ...content, messages, runs: [...content.runs, startRun(event, messageId, state)] };
}

/** The agent's message with which a run ends: the answer, or what was shown of it. */
function answerOf(event: LogEvent): MessageView | undefined {
  switch (event.type) {
    case "agent_completed":
      return agentMessage(event, event.data);
    case "agent_failed":
      return event.data.partial && { ...agentMessage(event, event.data.partial), cutOff: "failed" };
    case "agent_cancelled":
      return event.data.partial && { ...agentMessage(event, event.data.partial), cutOff: "cancelled" };
    default:
      return undefined;
  }
}

const agentMessage = (
  { at, runId }: LogEvent<"agent_completed" | "agent_failed" | "agent_cancelled">,
  { messageId, text }: { readonly messageId: string; readonly text: string },
): MessageView => ({ id: messageId, role: "agent", text, createdAt: at, runId });

const withMessage = (messages: readonly MessageView[], message: MessageView): readonly MessageView[] =>
  messages.some(({ id }) => id === message.id) ? messages : [...messages, message];

const messageIdOf = ({ messages }: ThreadContent, runId: string): string =>
  messages.find((message) => message.runId === runId && message.role === "user")?.id ?? "";

const isAmong = (openRuns: readonly OpenRunView[], { id }: ConversationRun): boolean =>
  openRuns.some((run) => run.id === id);

/** In the order of their messages. */
function inOrder(
  runs: readonly ConversationRun[],
  messages: readonly MessageView[],
): readonly ConversationRun[] {
  const rank = new Map(messages.map(({ id }, index) => [id, index]));
  const rankOf = ({ messageId }: ConversationRun): number => rank.get(messageId) ?? messages.length;
  return [...runs].sort((one, other) => rankOf(one) - rankOf(other));
}
