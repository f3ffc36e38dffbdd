/**
 * One model call: takes its parts as they come, shows them, and gives what the step amounts to. Owns the checks of
 * what a model may say and how long it may be silent; runs no tool and records nothing.
 */
import { type Usage, usageSchema } from "@trueline/protocol";
import { ModelError, type ModelPart, type ModelRequest, type ToolCall } from "../ports/model.ts";
import type { LiveRun } from "./live-run.ts";
import type { RunsOptions } from "./runs.ts";
import { ContractBroken } from "./stop.ts";

export interface StepResult {
  readonly text: string;
  readonly toolCalls: readonly ToolCall[];
  readonly usage: Usage;
}

export type StepModel = { step(request: ModelRequest): AsyncIterable<ModelPart> };

export async function takeStep(
  run: LiveRun,
  options: RunsOptions,
  model: StepModel,
  request: Omit<ModelRequest, "signal">,
  step: number,
): Promise<StepResult> {
  const parts = new Parts(run.signal, options.limits.modelSilenceMs);
  const intake = new Intake(run, options, step);
  try {
    await parts.read(model, request, (part) => {
      intake.take(part);
      return run.events.crowded ? run.events.room() : undefined;
    });
    return intake.result();
  } finally {
    parts.close(options);
  }
}

/** Takes one part; a promise when the next must wait for it. */
type TakePart = (part: ModelPart) => Promise<void> | undefined;

/**
 * The parts of a model call, each waited for no longer than the model may be silent or the run lives. They come by the
 * thousand: each costs one promise of ours and no closure.
 */
class Parts {
  readonly #abort = new AbortController();
  readonly #silence: NodeJS.Timeout;
  readonly #run: AbortSignal;
  readonly #read = Promise.withResolvers<void>();
  #iterator: AsyncIterator<ModelPart> | undefined;
  #take: TakePart = () => undefined;
  /** reading: the model is asked for more. given up: what it still says is not heard. ended: it said all. */
  #state: "reading" | "given up" | "ended" = "reading";

  constructor(run: AbortSignal, silenceMs: number) {
    this.#run = run;
    const sentence = `The model was silent for more than ${silenceMs / 1000} s.`;
    this.#silence = setTimeout(() => this.#giveUp(new ModelError("model_timeout", sentence)), silenceMs);
    run.addEventListener("abort", this.#runOnAbort);
  }

  /** Resolves when the model has ended; rejects with what it threw, its silence, or the reason of the run's abort. */
  read(model: StepModel, request: Omit<ModelRequest, "signal">, take: TakePart): Promise<void> {
    this.#run.throwIfAborted();
    this.#take = take;
    this.#iterator = model.step({ ...request, signal: this.#abort.signal })[Symbol.asyncIterator]();
    this.#ask();
    return this.#read.promise;
  }

  /** Lets go of the model, whether or not it listens. */
  close(options: RunsOptions): void {
    clearTimeout(this.#silence);
    this.#run.removeEventListener("abort", this.#runOnAbort);
    if (this.#state === "ended") return;
    this.#abort.abort(new DOMException("the step was given up", "AbortError"));
    // In a function of its own: it may throw instead of rejecting.
    const letGo = async () => this.#iterator?.return?.();
    letGo().catch((error: unknown) => {
      options.observer.logger.debug({ error }, "a model that was given up failed afterwards");
    });
  }

  readonly #ask = (): void => {
    if (this.#state !== "reading") return;
    this.#silence.refresh();
    try {
      this.#iterator?.next().then(this.#onPart, this.#giveUp);
    } catch (error) {
      // An iterator of a team's own may throw instead of rejecting.
      this.#giveUp(error);
    }
  };

  readonly #onPart = (result: IteratorResult<ModelPart>): void => {
    if (this.#state !== "reading") return;
    if (result.done) {
      this.#state = "ended";
      this.#read.resolve();
      return;
    }
    try {
      const room = this.#take(result.value);
      if (room) room.then(this.#ask, this.#giveUp);
      else this.#ask();
    } catch (error) {
      this.#giveUp(error);
    }
  };

  readonly #giveUp = (reason: unknown): void => {
    if (this.#state !== "reading") return;
    this.#state = "given up";
    this.#read.reject(reason);
  };

  readonly #runOnAbort = (): void => this.#giveUp(this.#run.reason);
}

/** Gathers the parts of a step, in the order that the contract allows, and shows them. */
class Intake {
  readonly #run: LiveRun;
  readonly #options: RunsOptions;
  readonly #step: number;
  readonly #toolCalls: ToolCall[] = [];
  /** Where the text of this step begins in that of the run. */
  readonly #start: number;
  #usage: Usage | undefined;

  constructor(run: LiveRun, options: RunsOptions, step: number) {
    this.#run = run;
    this.#options = options;
    this.#step = step;
    this.#start = run.events.history.text.length;
  }

  take(part: ModelPart): void {
    if (this.#usage !== undefined) throw new ContractBroken(`the model went on after its end: ${part.type}`);
    if (part.type === "text") this.#takeText(part.text);
    else if (part.type === "reasoning") this.#takeReasoning(part.text);
    else if (part.type === "tool_call") this.#takeCall(part.call);
    else if (part.type === "end") this.#usage = checkedUsage(part.usage);
    else
      throw new ContractBroken(`the model sent a part of no known type: ${String((part as ModelPart).type)}`);
  }

  result(): StepResult {
    if (this.#usage === undefined) throw new ContractBroken("the model stopped without an end");
    const text = this.#run.events.history.text.slice(this.#start);
    return { text, toolCalls: this.#toolCalls, usage: this.#usage };
  }

  #takeText(text: string): void {
    if (typeof text !== "string") throw new ContractBroken("the model sent text that is not a string");
    if (text === "") return;
    const first = this.#run.events.history.text === "";
    this.#run.events.post("text_delta", { text }, first ? this.#onFirstText() : undefined);
  }

  /** Tells how long the first text of a run took, in all and in our hands (RN6). */
  #onFirstText(): () => void {
    const { clock, observer } = this.#options;
    const arrivedAt = clock.monotonic();
    return () => {
      observer.addedLatency(clock.monotonic() - arrivedAt);
      observer.firstText(this.#run.durationMs);
    };
  }

  #takeReasoning(text: string): void {
    if (typeof text !== "string") throw new ContractBroken("the model sent reasoning that is not a string");
    if (text !== "") this.#run.events.post("agent_thinking", { step: this.#step, text });
  }

  #takeCall(call: ToolCall): void {
    if (typeof call.callId !== "string" || typeof call.tool !== "string" || call.callId === "") {
      throw new ContractBroken("the model called a tool without a name or call id");
    }
    const known = this.#run.events.history.calls.has(call.callId);
    if (known || this.#toolCalls.some((other) => other.callId === call.callId)) {
      throw new ContractBroken(`the model used call id ${call.callId} twice`);
    }
    this.#toolCalls.push(call);
  }
}

function checkedUsage(usage: Usage): Usage {
  const parsed = usageSchema.safeParse(usage);
  if (!parsed.success) throw new ContractBroken("the model gave a usage that does not fit its schema");
  return parsed.data;
}
