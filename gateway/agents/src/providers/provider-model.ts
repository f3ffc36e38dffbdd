/**
 * One step of a model behind the `ai` library (RN2): its stream to our parts. The library neither runs tools nor loops;
 * the engine does both, since they must survive a crash.
 */
import { randomToken } from "@trueline/kit";
import type { Usage } from "@trueline/protocol";
import type { Model, ModelError, ModelPart, ModelRequest } from "@trueline/server";
import {
  InvalidResponseDataError,
  type LanguageModel,
  type LanguageModelUsage,
  streamText,
  type TextStreamPart,
  type ToolSet,
} from "ai";
import { brokeOff, filtered, noAnswer, toModelError } from "./failure.ts";
import { toMessages, toToolSet } from "./messages.ts";

export interface ProviderModelOptions {
  /** For people and metrics: `openai/gpt-5`. */
  readonly id: string;
  readonly model: LanguageModel;
  /** How often a call is tried again that failed before its first part. */
  readonly retries: number;
  /** US dollars per million tokens. */
  readonly price?: { readonly input: number; readonly output: number };
  readonly maxOutputTokens?: number;
  readonly temperature?: number;
  /** Never to be found in an error. */
  readonly secrets: readonly string[];
}

export function createProviderModel(options: ProviderModelOptions): Model {
  return Object.freeze({ id: options.id, step: (request: ModelRequest) => step(options, request) });
}

async function* step(options: ProviderModelOptions, request: ModelRequest): AsyncGenerator<ModelPart> {
  const reader = new PartReader(options, usedCallIds(request));
  try {
    for await (const part of open(options, request).fullStream) yield* reader.read(part);
  } catch (error) {
    throw toModelError(error, options.secrets);
  }
  yield reader.end();
}

function open(options: ProviderModelOptions, request: ModelRequest) {
  const { model, retries, maxOutputTokens, temperature } = options;
  return streamText({
    model,
    instructions: request.instructions,
    messages: toMessages(request.transcript),
    tools: toToolSet(request.tools),
    maxRetries: retries,
    abortSignal: request.signal,
    // Errors come as parts of the stream; by default the library would print them.
    onError: () => undefined,
    ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
    ...(temperature === undefined ? {} : { temperature }),
  });
}

class PartReader {
  readonly #options: ProviderModelOptions;
  readonly #usedCallIds: Set<string>;
  #usage: LanguageModelUsage | undefined;
  #empty = true;

  constructor(options: ProviderModelOptions, usedCallIds: Set<string>) {
    this.#options = options;
    this.#usedCallIds = usedCallIds;
  }

  *read(part: TextStreamPart<ToolSet>): Generator<ModelPart> {
    if (part.type === "text-delta" && part.text !== "") {
      this.#empty = false;
      yield { type: "text", text: part.text };
    } else if (part.type === "reasoning-delta" && part.text !== "") {
      yield { type: "reasoning", text: part.text };
    } else if (part.type === "tool-call") {
      this.#empty = false;
      const { toolName: tool, input } = part;
      yield { type: "tool_call", call: { callId: this.#callId(part.toolCallId), tool, arguments: input } };
    } else if (part.type === "error") throw this.#failure(part.error);
    else if (part.type === "abort") throw new DOMException("the step was aborted", "AbortError");
    else if (part.type === "finish") {
      if (part.finishReason === "content-filter") throw filtered();
      // A provider says why it finished. One that did not was cut off, or never answered.
      const known = part.finishReason !== "other" || part.rawFinishReason !== undefined;
      if (part.finishReason === "error" || !known) throw this.#cutOff();
      this.#usage = part.totalUsage;
    }
  }

  end(): ModelPart {
    if (this.#usage === undefined) throw this.#cutOff();
    return { type: "end", usage: toUsage(this.#usage, this.#options.price) };
  }

  #failure(error: unknown): unknown {
    return InvalidResponseDataError.isInstance(error) ? this.#cutOff() : error;
  }

  #cutOff(): ModelError {
    return this.#empty ? noAnswer() : brokeOff();
  }

  /** Some servers count their calls anew in each answer; ours must be unique in a run. */
  #callId(given: string): string {
    const id = given !== "" && !this.#usedCallIds.has(given) ? given : `call_${randomToken(12)}`;
    this.#usedCallIds.add(id);
    return id;
  }
}

const usedCallIds = (request: ModelRequest): Set<string> =>
  new Set(request.transcript.flatMap((entry) => (entry.role === "tool" ? [entry.callId] : [])));

function toUsage(usage: LanguageModelUsage, price: ProviderModelOptions["price"]): Usage {
  const inputTokens = usage.inputTokens ?? 0;
  const outputTokens = usage.outputTokens ?? 0;
  if (price === undefined) return { inputTokens, outputTokens };
  const costUsd = (inputTokens * price.input + outputTokens * price.output) / 1_000_000;
  return { inputTokens, outputTokens, costUsd };
}
