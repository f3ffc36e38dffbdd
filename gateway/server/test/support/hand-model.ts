/** A `Model` that a test drives part by part, and one that follows a script. Both are whole models, not mocks of ours. */
import type { Model, ModelPart, ModelRequest, TranscriptEntry } from "@trueline/server";

const usage = { inputTokens: 3, outputTokens: 2 };

export interface HandStep {
  readonly request: ModelRequest;
  part(part: ModelPart): void;
  text(text: string): void;
  call(tool: string, args: unknown, callId?: string): void;
  /** Ends the step as a model does. */
  end(): void;
  /** Ends the stream without a word. */
  stop(): void;
  fail(error: Error): void;
}

export interface HandModel extends Model {
  /** The next call of the model, when it comes. */
  next(): Promise<HandStep>;
  readonly calls: number;
}

export function createHandModel(): HandModel {
  const waiting: ((step: HandStep) => void)[] = [];
  const come: HandStep[] = [];
  let calls = 0;
  let ids = 0;
  return {
    id: "by-hand",
    get calls() {
      return calls;
    },
    next: () => {
      const step = come.shift();
      return step ? Promise.resolve(step) : new Promise((resolve) => waiting.push(resolve));
    },
    step(request) {
      calls += 1;
      const queue: (ModelPart | Error | "stop")[] = [];
      let wake = (): void => undefined;
      const push = (item: ModelPart | Error | "stop") => {
        queue.push(item);
        wake();
      };
      const step: HandStep = {
        request,
        part: push,
        text: (text) => push({ type: "text", text }),
        call: (tool, args, callId = `call_${++ids}`) =>
          push({ type: "tool_call", call: { callId, tool, arguments: args } }),
        end: () => {
          push({ type: "end", usage });
          push("stop");
        },
        stop: () => push("stop"),
        fail: push,
      };
      const waiter = waiting.shift();
      if (waiter) waiter(step);
      else come.push(step);
      return (async function* () {
        for (;;) {
          const item = queue.shift();
          if (item === undefined) await new Promise<void>((resolve) => (wake = resolve));
          else if (item === "stop") return;
          else if (item instanceof Error) throw item;
          else yield item;
        }
      })();
    },
  };
}

export interface ScriptedStep {
  readonly text: string;
  readonly calls?: readonly { readonly tool: string; readonly callId: string; readonly text: string }[];
}

/**
 * Says its steps in order, a few letters at a time. Where it stands it reads off the transcript, and a step that was
 * cut off it goes on with at the next letter, as a good model does.
 */
export function createScriptedModel(scriptFor: (question: string) => readonly ScriptedStep[]): Model {
  return { id: "scripted", step: (request) => follow(scriptFor, request) };
}

async function* follow(
  scriptFor: (question: string) => readonly ScriptedStep[],
  request: ModelRequest,
): AsyncGenerator<ModelPart> {
  const { question, done, shown } = whereItStands(request.transcript);
  const step = scriptFor(question)[done] ?? { text: "" };
  if (!step.text.startsWith(shown)) throw new Error(`“${shown}” is not the beginning of “${step.text}”`);
  for (const text of step.text.slice(shown.length).match(/.{1,4}/gs) ?? []) {
    request.signal.throwIfAborted();
    yield { type: "text", text };
    // So that a piece is committed before the next one comes.
    await new Promise(setImmediate);
  }
  for (const { tool, callId, text } of step.calls ?? []) {
    yield { type: "tool_call", call: { callId, tool, arguments: { text } } };
  }
  yield { type: "end", usage };
}

function whereItStands(transcript: readonly TranscriptEntry[]) {
  const asked = transcript.findLastIndex((entry) => entry.role === "user");
  const question = transcript[asked];
  const since = transcript.slice(asked + 1).filter((entry) => entry.role === "agent");
  const last = since.findLastIndex((entry) => entry.interrupted !== true);
  return {
    question: question?.role === "user" ? question.text : "",
    done: since.filter((entry) => entry.interrupted !== true).length,
    shown: since
      .slice(last + 1)
      .map((entry) => entry.text)
      .join(""),
  };
}
