/** One run, from a snapshot or from its first event, and onwards by its events. Pure; called by content.ts only. */
import type { LogEvent, OpenRunView, RunView, ToolCallView } from "@trueline/protocol/wire";
import type { ConversationRun, RunPart } from "./types.ts";

export const startRun = (
  event: LogEvent,
  messageId: string,
  state: "queued" | "running",
): ConversationRun => ({
  id: event.runId ?? "",
  messageId,
  state,
  createdAt: event.at,
  text: "",
  step: 0,
  toolCalls: [],
  parts: [],
});

/** `before`: the same run as it was seen until then. Its parts stay in the order in which they were seen. */
export function runFromSnapshot(view: OpenRunView, before: ConversationRun | undefined): ConversationRun {
  const { threadId: _, ...run } = view;
  const goesOn = before !== undefined && run.text.startsWith(before.text);
  const parts = goesOn ? before.parts : [];
  const seen = new Set(parts.flatMap((part) => (part.kind === "tool" ? [part.callId] : [])));
  const tools = run.toolCalls.filter(({ callId }) => !seen.has(callId));
  const withTools = [...parts, ...tools.map(({ callId }): RunPart => ({ kind: "tool", callId }))];
  const text = goesOn ? run.text.slice(before.text.length) : run.text;
  const model = before?.model === undefined ? {} : { model: before.model };
  return { ...run, ...model, parts: withText(withTools, text) };
}

export function endedRun({ threadId: _, ...run }: RunView): ConversationRun {
  return { ...run, text: "", step: 0, toolCalls: [], parts: [] };
}

export function applyToRun(run: ConversationRun, event: LogEvent): ConversationRun {
  switch (event.type) {
    case "agent_started":
      return { ...run, state: "running", agent: event.data.agent, model: event.data.model };
    case "agent_thinking":
      return { ...run, step: event.data.step, parts: withThinking(run.parts, event.data) };
    case "text_delta":
      return { ...run, text: run.text + event.data.text, parts: withText(run.parts, event.data.text) };
    case "tool_executing":
      return executeTool(run, event.data);
    case "tool_completed":
      return completeTool(run, event.data);
    case "agent_completed": {
      const { text, usage, durationMs } = event.data;
      return { ...run, state: "completed", endedAt: event.at, text, usage, durationMs };
    }
    case "agent_failed": {
      const { partial, ...failure } = event.data;
      return { ...run, state: "failed", endedAt: event.at, text: partial?.text ?? run.text, failure };
    }
    case "agent_cancelled": {
      const { partial, ...cancelled } = event.data;
      return { ...run, state: "cancelled", endedAt: event.at, text: partial?.text ?? run.text, cancelled };
    }
    default:
      return run;
  }
}

/** The same call id again, after a takeover, takes the place of the earlier one. */
function executeTool(run: ConversationRun, call: LogEvent<"tool_executing">["data"]): ConversationRun {
  if (!run.toolCalls.some(({ callId }) => callId === call.callId)) {
    const parts: RunPart[] = [...run.parts, { kind: "tool", callId: call.callId }];
    return { ...run, toolCalls: [...run.toolCalls, call], parts };
  }
  return { ...run, toolCalls: run.toolCalls.map((other) => (other.callId === call.callId ? call : other)) };
}

function completeTool(run: ConversationRun, data: LogEvent<"tool_completed">["data"]): ConversationRun {
  const { callId, ok, preview, durationMs } = data;
  const complete = (call: ToolCallView): ToolCallView =>
    call.callId === callId ? { ...call, result: { ok, preview, durationMs } } : call;
  return { ...run, toolCalls: run.toolCalls.map(complete) };
}

function withText(parts: readonly RunPart[], text: string): readonly RunPart[] {
  if (text === "") return parts;
  const last = parts.at(-1);
  return last?.kind === "text"
    ? [...parts.slice(0, -1), { kind: "text", text: last.text + text }]
    : [...parts, { kind: "text", text }];
}

/** The empty text with which a step begins shows nothing. */
function withThinking(
  parts: readonly RunPart[],
  { step, text }: LogEvent<"agent_thinking">["data"],
): readonly RunPart[] {
  if (text === "") return parts;
  const last = parts.at(-1);
  return last?.kind === "thinking" && last.step === step
    ? [...parts.slice(0, -1), { kind: "thinking", step, text: last.text + text }]
    : [...parts, { kind: "thinking", step, text }];
}
