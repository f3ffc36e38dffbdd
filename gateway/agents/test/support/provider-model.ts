/** What the tests of the providers share: a model of the test's server, a request, and what came of it. */
import { createModel, defineTool, type ModelSettings } from "@trueline/agents";
import {
  ModelError,
  type ModelPart,
  type ModelRequest,
  type Tool,
  type TranscriptEntry,
} from "@trueline/server";
import { z } from "zod";

export const apiKey = "sk-very-secret-key";

const weather: Tool = defineTool({
  name: "weather",
  description: "Tells the weather",
  parameters: z.strictObject({ city: z.string() }),
  execute: ({ city }) => `sunny in ${city}`,
});

export function modelOf(server: { readonly baseUrl: string }, more: Partial<ModelSettings> = {}) {
  const settings = {
    provider: "openai-compatible",
    name: "local",
    model: "test",
    baseUrl: server.baseUrl,
    apiKey,
    retries: 0,
  };
  return createModel({ ...settings, ...more } as ModelSettings);
}

export function request(
  transcript: readonly TranscriptEntry[] = [{ role: "user", text: "hello" }],
  more: Partial<ModelRequest> = {},
) {
  return {
    instructions: "Be kind.",
    transcript,
    tools: [weather],
    signal: new AbortController().signal,
    ...more,
  };
}

export async function collect(parts: AsyncIterable<ModelPart>): Promise<ModelPart[]> {
  const all: ModelPart[] = [];
  for await (const part of parts) all.push(part);
  return all;
}

/** The parts up to the failure, and the failure. */
export async function failureOf(parts: AsyncIterable<ModelPart>) {
  const shown: ModelPart[] = [];
  try {
    for await (const part of parts) shown.push(part);
  } catch (error) {
    if (error instanceof ModelError) return { shown, error };
    throw error;
  }
  throw new Error("it did not fail");
}
