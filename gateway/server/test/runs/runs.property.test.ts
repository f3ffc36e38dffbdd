import type { RunId } from "@trueline/kit";
import type { Model, ModelPart } from "@trueline/server";
import { ModelError } from "@trueline/server";
import { createMemoryEventLogStore, createMemoryRecords } from "@trueline/server/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { dyingStores } from "../support/dying-stores.ts";
import { here, openNode, toolOf, violations } from "../support/runs-fixture.ts";

const usage = { inputTokens: 1, outputTokens: 1 };

/** What a model does next, whatever the transcript says: also what a model must not do. */
const part = fc.oneof(
  { weight: 6, arbitrary: fc.string({ maxLength: 5 }).map((text): ModelPart => ({ type: "text", text })) },
  {
    weight: 2,
    arbitrary: fc.string({ maxLength: 5 }).map((text): ModelPart => ({ type: "reasoning", text })),
  },
  {
    weight: 3,
    arbitrary: fc
      .record({
        tool: fc.constantFrom("fine", "once", "throws", "missing"),
        arguments: fc.constantFrom({ text: "x" }, {}, "{", null),
      })
      .map((call): ModelPart => ({ type: "tool_call", call: { callId: "", ...call } })),
  },
  { weight: 1, arbitrary: fc.constant<ModelPart>({ type: "end", usage }) },
);
const ending = fc.constantFrom("end", "end", "end", "end", "stop", "error", "refused", "hang");
const step = fc.record({
  parts: fc.array(part, { maxLength: 6 }),
  ending,
  repeatsCallId: fc.constantFrom(false, false, false, true),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

const action = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("send" as const),
      thread: fc.nat(1),
      whileActive: fc.constantFrom("queue" as const, "steer" as const),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("cancel" as const), run: fc.nat(5) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("repeat" as const), send: fc.nat(5) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("wait" as const), turns: fc.nat(6) }) },
);

/** Takes the scripts one after the other, whoever calls; after the last it ends at once. */
function wildModel(steps: readonly Step[]): Model {
  let next = 0;
  let ids = 0;
  return {
    id: "wild",
    step: async function* (request): AsyncGenerator<ModelPart> {
      const script = steps[next++];
      for (const one of script?.parts ?? []) {
        await new Promise(setImmediate);
        if (one.type !== "tool_call") yield one;
        else yield { ...one, call: { ...one.call, callId: script?.repeatsCallId ? "same" : `c${++ids}` } };
      }
      const how = script?.ending ?? "end";
      if (how === "end") yield { type: "end", usage };
      if (how === "error") throw new Error("broken");
      if (how === "refused") throw new ModelError("model_refused", "no");
      if (how === "hang")
        await new Promise((_resolve, reject) =>
          request.signal.addEventListener("abort", () => reject(new Error("aborted"))),
        );
    },
  };
}

function wildTools() {
  const ran: string[] = [];
  const tools = [
    toolOf("fine", async (text) => text),
    toolOf(
      "once",
      async (text, { callId, runId }) => {
        ran.push(`${runId} ${callId}`);
        return text;
      },
      { repeatable: false },
    ),
    toolOf("throws", () => Promise.reject(new Error("thrown"))),
  ];
  return { ran, tools };
}

describe("any runs", () => {
  it("EV2: whatever models, tools, senders and a dying node do: one end per run, no tool twice, no run twice", async () => {
    const lives = fc.record({
      steps: fc.array(step, { maxLength: 8 }),
      actions: fc.array(action, { minLength: 1, maxLength: 10 }),
      dieAt: fc.oneof(fc.constant(Number.POSITIVE_INFINITY), fc.integer({ min: 2, max: 60 })),
      lastOne: fc.constantFrom("done" as const, "lost" as const),
    });
    await fc.assert(fc.asyncProperty(lives, checkLives), { numRuns: 250 });
  });
});

async function checkLives({
  steps,
  actions,
  dieAt,
  lastOne,
}: {
  steps: readonly Step[];
  actions: readonly (typeof action extends fc.Arbitrary<infer T> ? T : never)[];
  dieAt: number;
  lastOne: "done" | "lost";
}): Promise<void> {
  const kept = { store: createMemoryEventLogStore(), records: createMemoryRecords() };
  const { ran, tools } = wildTools();
  const model = wildModel(steps);
  const limits = { modelSilenceMs: 10, runsAtOnce: 0, messagesPerMinute: 0 };
  const stores = dyingStores(kept.store, kept.records, dieAt, lastOne);
  const dying = await openNode({ ...stores, model, tools, limits });
  const acknowledged = new Map<string, { runId: string; threadId: string }>();
  const live = async () => {
    const sent: { text: string; threadId: string | undefined; whileActive: "queue" | "steer" }[] = [];
    const threads: (string | undefined)[] = [];
    const send = async (message: (typeof sent)[number]) => {
      const outcome = await dying.send(message.text, message);
      if (!outcome.ok) return undefined;
      const before = acknowledged.get(message.text);
      if (before !== undefined) expect(outcome).toMatchObject(before);
      acknowledged.set(message.text, { runId: outcome.runId, threadId: outcome.threadId });
      return outcome.threadId;
    };
    for (const next of actions) {
      if (next.kind === "send") {
        const message = {
          text: `m${sent.length}`,
          threadId: threads[next.thread],
          whileActive: next.whileActive,
        };
        sent.push(message);
        threads[next.thread] ??= await send(message);
        if (message.threadId !== undefined) await send(message);
      } else if (next.kind === "repeat") {
        const message = sent[next.send];
        if (message !== undefined) await send(message);
      } else if (next.kind === "cancel") {
        const target = [...acknowledged.values()][next.run];
        if (target !== undefined) await dying.runs.cancel(target.runId as RunId, here);
      } else for (let turn = 0; turn < next.turns; turn++) await new Promise(setImmediate);
    }
    await dying.whenIdle();
  };
  await Promise.race([stores.died, live()]);
  dying.runs.abandon();
  const node = await openNode({ ...kept, model, tools, limits });
  await node.takeOverAll();
  await node.whenIdle();
  const events = await node.events();
  expect(violations(events)).toEqual([]);
  expect(await kept.records.listAllOpenRuns()).toEqual([]);
  expect(new Set(ran).size).toBe(ran.length);
  for (const [text, { runId }] of acknowledged) {
    const announced = events.filter((event) => event.type === "message_accepted" && event.data.text === text);
    expect(announced.map((event) => event.runId)).toEqual([runId]);
  }
}
