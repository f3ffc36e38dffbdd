/** An agent that says, calls and searches with the marker of the message: what must never reach anybody else. */
import { defineAgent, defineTool } from "@trueline/agents";
import type { Agent, ModelPart, ModelRequest } from "@trueline/server";
import { z } from "zod";

/** What every user's messages have in common, so that a search by it finds the user's own, and would find others'. */
export const commonWord = "confidential";
export const markerPattern = /mk[0-9a-f]{16}/g;

export function markerAgent(): Agent {
  const parameters = z.strictObject({ marker: z.string() });
  const reveal = defineTool({
    name: "reveal",
    description: "Gives back what it was told",
    parameters,
    execute: ({ marker }) => `revealed ${marker}`,
  });
  const search = defineTool({
    name: "search",
    description: "Searches what was written",
    parameters: z.strictObject({ query: z.string() }),
    repeatable: true,
    execute: async ({ query }, { searchMessages }) => JSON.stringify(await searchMessages(query, 50)),
  });
  const failing = defineTool({
    name: "fail",
    description: "Fails with what it was told",
    parameters,
    execute: ({ marker }) => {
      throw new Error(`failed over ${marker}`);
    },
  });
  return defineAgent({
    name: "marker",
    description: "Repeats",
    instructions: "",
    model: { id: "marker", step },
    tools: [reveal, search, failing],
  });
}

async function* step({ transcript }: ModelRequest): AsyncIterable<ModelPart> {
  const asked = transcript.findLastIndex((entry) => entry.role === "user");
  const question = transcript[asked];
  const marker = question?.role === "user" ? (question.text.match(markerPattern)?.[0] ?? "") : "";
  yield { type: "reasoning", text: `thinking of ${marker}` };
  yield { type: "text", text: `about ${marker}. ` };
  if (asked === transcript.length - 1) {
    yield { type: "tool_call", call: { callId: "reveal", tool: "reveal", arguments: { marker } } };
    yield { type: "tool_call", call: { callId: "search", tool: "search", arguments: { query: commonWord } } };
    yield { type: "tool_call", call: { callId: "fail", tool: "fail", arguments: { marker } } };
    yield { type: "tool_call", call: { callId: "none", tool: marker, arguments: { marker } } };
  } else {
    const results = transcript.slice(asked).flatMap((entry) => (entry.role === "tool" ? [entry.result] : []));
    yield { type: "text", text: results.join("\n") };
  }
  yield { type: "end", usage: { inputTokens: 1, outputTokens: 1 } };
}
