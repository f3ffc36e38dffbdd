/** An agent whose answers a test gives piece by piece. */
import { defineAgent } from "@trueline/agents";
import type { Agent, ModelPart } from "@trueline/server";

export interface HandAgent {
  readonly agent: Agent;
  /** The step that began next: what is pushed is streamed, `end` ends it. */
  step(): Promise<HandStep>;
}

export interface HandStep {
  text(text: string): void;
  end(): void;
  readonly signal: AbortSignal;
}

export function handAgent(name = "by-hand"): HandAgent {
  const begun: HandStep[] = [];
  const waiting: ((step: HandStep) => void)[] = [];

  function begin(signal: AbortSignal): AsyncIterable<ModelPart> {
    const stream = new ReadableStream<ModelPart>({
      start(controller) {
        signal.addEventListener("abort", () => controller.error(signal.reason), { once: true });
        const step: HandStep = {
          signal,
          text: (text) => controller.enqueue({ type: "text", text }),
          end: () => {
            controller.enqueue({ type: "end", usage: { inputTokens: 1, outputTokens: 1 } });
            controller.close();
          },
        };
        const waiter = waiting.shift();
        if (waiter) waiter(step);
        else begun.push(step);
      },
    });
    return stream;
  }

  const model = { id: "by-hand", step: ({ signal }: { signal: AbortSignal }) => begin(signal) };
  return {
    agent: defineAgent({ name, description: "Says what a test says", instructions: "", model }),
    step: () => {
      const step = begun.shift();
      return step ? Promise.resolve(step) : new Promise((resolve) => waiting.push(resolve));
    },
  };
}
