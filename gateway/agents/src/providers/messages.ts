/** A transcript as the `ai` library wants it. Pure; loses nothing that a provider can take. */
import type { Tool, TranscriptEntry } from "@trueline/server";
import { tool as aiTool, type JSONValue, jsonSchema, type ModelMessage, type ToolSet } from "ai";
import { z } from "zod";

/** Said for the user after text that a crash cut off; the user sees both parts as one answer. */
const goOn =
  "Your answer was cut off here by a technical fault. Go on exactly where it stops, in the middle of a word if need be. " +
  "Do not repeat anything and do not mention the interruption.";

export const toMessages = (transcript: readonly TranscriptEntry[]): ModelMessage[] =>
  transcript.flatMap((entry): ModelMessage[] => {
    if (entry.role === "user") return [{ role: "user", content: entry.text }];
    if (entry.role === "tool") return [toolMessage(entry)];
    if (entry.interrupted === true) return [...agentMessage(entry), { role: "user", content: goOn }];
    return agentMessage(entry);
  });

/** Without `execute`: the engine runs them. Without a validator: the engine checks the arguments, and tells the model. */
export function toToolSet(tools: readonly Tool[]): ToolSet {
  const entries = tools.map(({ name, description, parameters }) => {
    const schema = z.toJSONSchema(parameters, { io: "input", target: "draft-7" });
    return [
      name,
      aiTool({ description, inputSchema: jsonSchema(schema as Parameters<typeof jsonSchema>[0]) }),
    ];
  });
  return Object.fromEntries(entries);
}

function agentMessage(entry: Extract<TranscriptEntry, { role: "agent" }>): ModelMessage[] {
  const text = entry.text === "" ? [] : [{ type: "text" as const, text: entry.text }];
  const calls = entry.toolCalls.map((call) => ({
    type: "tool-call" as const,
    toolCallId: call.callId,
    toolName: call.tool,
    input: toObject(call.arguments),
  }));
  const content = [...text, ...calls];
  return content.length === 0 ? [] : [{ role: "assistant", content }];
}

function toolMessage(entry: Extract<TranscriptEntry, { role: "tool" }>): ModelMessage {
  const output = { type: entry.ok ? ("text" as const) : ("error-text" as const), value: entry.result };
  return {
    role: "tool",
    content: [{ type: "tool-result", toolCallId: entry.callId, toolName: entry.tool, output }],
  };
}

/** Providers take objects only; what a model sent instead is kept, one level down. */
function toObject(value: unknown): JSONValue {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  return (isObject ? value : { input: value ?? null }) as JSONValue;
}
