/**
 * The offline agent's `Model` (EV5, RN5): rules in place of a language model, the same parts, steps and tool calls. It
 * reads no clock and keeps nothing between steps: what it says next follows from the transcript alone.
 */
import { setTimeout as pause } from "node:timers/promises";
import { randomToken } from "@trueline/kit";
import type { Model, ModelPart, ModelRequest, TranscriptEntry } from "@trueline/server";
import { answerFromResults, answerPlainly, type ToolResult } from "./answers.ts";
import { type PlannedCall, planCalls } from "./plan.ts";

export interface OfflineModelOptions {
  /** Milliseconds between two words, so that an answer can be watched, stopped and reloaded. 0: none. */
  readonly pauseMs: number;
}

export function createOfflineModel(options: OfflineModelOptions): Model {
  return Object.freeze({ id: "offline", step: (request: ModelRequest) => step(request, options) });
}

async function* step(request: ModelRequest, { pauseMs }: OfflineModelOptions): AsyncGenerator<ModelPart> {
  const turn = readTurn(request.transcript);
  const calls = turn.planned ? [] : planCalls(turn.question);
  let words = 0;
  for (const thought of think(turn, calls)) {
    yield { type: "reasoning", text: thought };
    await rest(pauseMs * 4, request.signal);
  }
  if (calls.length > 0) yield* callTools(calls);
  else {
    for (const word of wordsOf(remainder(answer(turn), turn.shown))) {
      words += 1;
      yield { type: "text", text: word };
      await rest(pauseMs, request.signal);
    }
  }
  // It has no tokens; it counts its words.
  const inputTokens = wordsOf(turn.question).length;
  yield { type: "end", usage: { inputTokens, outputTokens: words, costUsd: 0 } };
}

/** What is to be answered now. */
interface Turn {
  readonly question: string;
  /** Whether the tools for the question were called already. */
  readonly planned: boolean;
  readonly results: readonly ToolResult[];
  /** What the user has seen of the answer, when it was cut off. */
  readonly shown: string;
}

function readTurn(transcript: readonly TranscriptEntry[]): Turn {
  const open = transcript.slice(transcript.findLastIndex(isFinal) + 1);
  const asked = open.findLastIndex((entry) => entry.role === "user");
  const question = open[asked];
  const since = open.slice(asked + 1);
  return {
    question: question?.role === "user" ? question.text : "",
    planned: since.some((entry) => entry.role === "agent" && entry.toolCalls.length > 0),
    results: open.filter((entry) => entry.role === "tool"),
    shown: since
      .flatMap((entry) => (entry.role === "agent" && entry.interrupted ? [entry.text] : []))
      .join(""),
  };
}

/** An answer that nothing is to be added to. */
const isFinal = (entry: TranscriptEntry): boolean =>
  entry.role === "agent" && entry.toolCalls.length === 0 && entry.interrupted !== true;

function think(turn: Turn, calls: readonly PlannedCall[]): readonly string[] {
  if (calls.length > 0) return calls.map((call) => `${call.reason}\n`);
  if (turn.shown !== "") return ["I was interrupted, and go on where I stopped.\n"];
  if (!turn.planned) return ["None of my tools fits; I answer from what I know.\n"];
  return [turn.results.length === 1 ? "I have the result.\n" : `I have ${turn.results.length} results.\n`];
}

function* callTools(calls: readonly PlannedCall[]): Generator<ModelPart> {
  for (const { tool, arguments: args } of calls) {
    yield { type: "tool_call", call: { callId: `call_${randomToken(12)}`, tool, arguments: args } };
  }
}

function answer({ planned, question, results }: Turn): string {
  if (planned) return answerFromResults(results);
  // A message that joined while the tools ran for the one before it.
  const before = results.length > 0 ? `${answerFromResults(results)}\n\n` : "";
  return before + answerPlainly(question);
}

/** What is left to say. Rules that have changed since may say something else: then all of it. */
const remainder = (text: string, shown: string): string =>
  text.startsWith(shown) ? text.slice(shown.length) : `\n\n${text}`;

/** Each word with the space after it: nothing is lost. */
const wordsOf = (text: string): readonly string[] => text.match(/\s*\S+\s*?(?=\s|$)|\s+$/g) ?? [];

async function rest(ms: number, signal: AbortSignal): Promise<void> {
  if (ms > 0) await pause(ms, undefined, { signal });
  else signal.throwIfAborted();
}
