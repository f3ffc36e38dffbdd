/**
 * An agent whose whole answer follows from the text of the message, so that who sent it knows what must come, however
 * often the run was cut off and taken over. Used by the process that serves, and by those who judge it.
 */
import { appendFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { defineAgent, defineTool } from "@trueline/agents";
import type { Agent, ModelPart, ModelRequest, ToolCall, TranscriptEntry } from "@trueline/server";
import { z } from "zod";
import { hashOf, seededRandom } from "./random.ts";

interface ScriptedStep {
  readonly pieces: readonly string[];
  readonly calls: readonly ToolCall[];
}

/** May not run twice: each execution is a line in a file. */
export const onceTool = "write_line";
export const repeatableTool = "look_up";

export function scriptOf(text: string): readonly ScriptedStep[] {
  const random = seededRandom(hashOf(text));
  const count = random.between(1, 3);
  return Array.from({ length: count }, (_, step) => ({
    pieces: Array.from({ length: random.between(2, 12) }, (_, piece) => `${text}/${step}.${piece} `),
    calls: step === count - 1 ? [] : callsOf(random.between(1, 3), step, () => random.chance(0.6)),
  }));
}

const callsOf = (count: number, step: number, once: () => boolean): readonly ToolCall[] =>
  Array.from({ length: count }, (_, index) => {
    const tool = once() ? onceTool : repeatableTool;
    return { callId: `call-${step}-${index}`, tool, arguments: { about: `${step}.${index}` } };
  });

export const answerOf = (text: string): string =>
  scriptOf(text)
    .flatMap(({ pieces }) => pieces)
    .join("");

/** `linesFile`: where the tool that may not be repeated writes. `pieceMs`: the longest pause before a piece. */
export function scriptedAgent({ linesFile, pieceMs }: { linesFile: string; pieceMs: number }): Agent {
  const parameters = z.strictObject({ about: z.string() });
  const pause = (): Promise<void> => sleep(Math.random() * pieceMs);
  const writeLine = defineTool({
    name: onceTool,
    description: "Writes a line",
    parameters,
    execute: async (_args, { runId, callId }) => {
      await pause();
      appendFileSync(linesFile, `${runId} ${callId}\n`);
      await pause();
      return "written";
    },
  });
  const lookUp = defineTool({
    name: repeatableTool,
    description: "Looks something up",
    parameters,
    repeatable: true,
    execute: async ({ about }) => {
      await pause();
      return `found ${about}`;
    },
  });
  const model = { id: "scripted", step: (request: ModelRequest) => say(request, pause) };
  return defineAgent({
    name: "scripted",
    description: "Says what follows from the message",
    instructions: "",
    model,
    tools: [writeLine, lookUp],
  });
}

async function* say(request: ModelRequest, pause: () => Promise<void>): AsyncIterable<ModelPart> {
  const { script, step, rest } = whereTo(request.transcript);
  for (const text of rest) {
    await pause();
    request.signal.throwIfAborted();
    yield { type: "text", text };
  }
  for (const call of script[step]?.calls ?? []) yield { type: "tool_call", call };
  yield { type: "end", usage: { inputTokens: 1, outputTokens: 1 } };
}

/** The step that comes next, and what of its text was not said yet: after a crash it goes on right there. */
function whereTo(transcript: readonly TranscriptEntry[]) {
  const asked = transcript.findLastIndex((entry) => entry.role === "user");
  const question = transcript[asked];
  const script = scriptOf(question?.role === "user" ? question.text : "");
  const said = transcript.slice(asked + 1).filter((entry) => entry.role === "agent");
  const step = said.filter((entry) => entry.interrupted !== true).length;
  const before = script
    .slice(0, step)
    .flatMap(({ pieces }) => pieces)
    .join("").length;
  let skip = said.map((entry) => entry.text).join("").length - before;
  const rest: string[] = [];
  for (const piece of script[step]?.pieces ?? []) {
    if (skip < piece.length) rest.push(piece.slice(Math.max(0, skip)));
    skip -= piece.length;
  }
  return { script, step, rest };
}
