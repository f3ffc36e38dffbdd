import type { ModelPart } from "@trueline/server";
import { describe, expect, it } from "vitest";
import type { EventDraft } from "../../src/log/event-log.ts";
import { breach, emptyHistory, remember } from "../../src/runs/contract.ts";
import { createHandModel, type HandStep } from "../support/hand-model.ts";
import { accepted, openNode, toolOf, violations } from "../support/runs-fixture.ts";

const usage = { inputTokens: 1, outputTokens: 1 };
const event = (type: EventDraft["type"], data: object = {}) =>
  ({ type, threadId: "thr_1", runId: "run_1", data }) as EventDraft;
const started = event("agent_started");
const delta = event("text_delta", { text: "a" });
const call = event("tool_executing", { callId: "c", tool: "t" });
const result = event("tool_completed", { callId: "c", tool: "t" });
const end = event("agent_failed");

describe("the contract of a run", () => {
  it.each([
    ["deltas before the start", [], delta],
    ["a second start", [started], started],
    ["an end before the start", [], end],
    ["anything after the end", [started, end], delta],
    ["a second end", [started, end], event("agent_cancelled")],
    ["a message after the end", [started, end], event("message_accepted")],
    ["an empty delta", [started], event("text_delta", { text: "" })],
    ["a call twice", [started, call], call],
    ["a call again after its result", [started, call, result], call],
    ["a result without a call", [started], result],
    ["a result twice", [started, call, result], result],
    ["an end while a call is open", [started, call], end],
  ])("EV2: forbids %s", (_what, before, next) => {
    const history = emptyHistory();
    for (const earlier of before) {
      expect(breach(history, earlier)).toBeUndefined();
      remember(history, earlier);
    }
    expect(breach(history, next)).toEqual(expect.any(String));
  });

  it("EV2: allows a whole run", () => {
    const history = emptyHistory();
    for (const next of [
      event("message_accepted"),
      started,
      event("agent_thinking"),
      delta,
      call,
      delta,
      result,
      delta,
      end,
    ]) {
      expect(breach(history, next)).toBeUndefined();
      remember(history, next);
    }
  });
});

describe("an agent that breaks the contract", () => {
  const part = (value: unknown) => value as ModelPart;
  it.each<[string, (step: HandStep) => void]>([
    ["goes on after its end", (step) => [step.part({ type: "end", usage }), step.text("more")]],
    ["ends twice", (step) => [step.part({ type: "end", usage }), step.part({ type: "end", usage })]],
    ["stops without an end", (step) => [step.text("half"), step.stop()]],
    ["uses a call id twice", (step) => [step.call("echo", {}, "c"), step.call("echo", {}, "c")]],
    ["sends a part of no known type", (step) => step.part(part({ type: "agent_completed" }))],
    ["sends text that is no string", (step) => step.part(part({ type: "text", text: 7 }))],
    ["sends reasoning that is no string", (step) => step.part(part({ type: "reasoning" }))],
    ["calls a tool without a name", (step) => step.part(part({ type: "tool_call", call: { callId: "c" } }))],
    [
      "gives a usage that is none",
      (step) => step.part(part({ type: "end", usage: { inputTokens: Number.NaN } })),
    ],
  ])(
    "EV4: and %s is stopped; the run ends agent_failed, which is logged and counted",
    async (_what, misbehave) => {
      const model = createHandModel();
      const counted: string[] = [];
      const logged: string[] = [];
      const quiet = () => undefined;
      const node = await openNode({
        model,
        tools: [toolOf("echo", async (text) => text)],
        observer: {
          contractViolated: (agent, what) => counted.push(`${agent}: ${what}`),
          logger: {
            debug: quiet,
            info: quiet,
            warn: quiet,
            error: (_fields, message) => logged.push(message),
          },
        },
      });
      accepted(await node.send("go"));
      misbehave(await model.next());
      await node.whenIdle();
      const events = await node.events();
      expect(events.at(-1)).toMatchObject({
        type: "agent_failed",
        data: { code: "contract_violation", retryable: false },
      });
      expect(violations(events)).toEqual([]);
      expect(counted).toHaveLength(1);
      expect(counted[0]).toMatch(/^helper: /);
      expect(logged).toContain("an agent broke the contract");
    },
  );

  it("EV2: whose model throws at every turn, instead of rejecting, fails its run and nothing else", async () => {
    const throws = () => {
      throw new Error("thrown");
    };
    const iterators = [throws, () => ({ next: throws, return: throws })];
    for (const open of iterators) {
      const step = () => ({ [Symbol.asyncIterator]: open }) as AsyncIterable<ModelPart>;
      const node = await openNode({ model: { id: "thrower", step } });
      accepted(await node.send("go"));
      await node.whenIdle();
      expect((await node.events()).at(-1)).toMatchObject({ data: { code: "internal_error" } });
    }
  });

  it("EV4: with a call id of an earlier step is stopped, and its tool does not run again", async () => {
    const model = createHandModel();
    let ran = 0;
    const node = await openNode({ model, tools: [toolOf("echo", async () => `${++ran}`)] });
    accepted(await node.send("go"));
    for (let step = 0; step < 2; step++) {
      const next = await model.next();
      next.call("echo", { text: "" }, "same");
      next.end();
    }
    await node.whenIdle();
    expect(ran).toBe(1);
    expect((await node.events()).at(-1)).toMatchObject({ data: { code: "contract_violation" } });
  });
});
