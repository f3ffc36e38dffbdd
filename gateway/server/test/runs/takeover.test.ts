import type { RunId } from "@trueline/kit";
import type { Model, Records, Tool } from "@trueline/server";
import { createMemoryEventLogStore, createMemoryRecords } from "@trueline/server/testing";
import { describe, expect, it } from "vitest";
import { dyingStores } from "../support/dying-stores.ts";
import { createHandModel, createScriptedModel, type ScriptedStep } from "../support/hand-model.ts";
import {
  accepted,
  here,
  openNode,
  type TestNode,
  textOf,
  toolOf,
  violations,
} from "../support/runs-fixture.ts";

const script: readonly ScriptedStep[] = [
  {
    text: "Let me look. ",
    calls: [
      { tool: "once", callId: "c1", text: "first" },
      { tool: "again", callId: "c2", text: "second" },
      { tool: "once", callId: "c3", text: "third" },
    ],
  },
  { text: "", calls: [{ tool: "again", callId: "c4", text: "fourth" }] },
  { text: "It is all there, and it is forty-two." },
];
const second: readonly ScriptedStep[] = [{ text: "And that is why." }];
const scriptFor = (question: string) => (question === "why?" ? second : script);
const answer = script.map((step) => step.text).join("");

/** Says half an answer, and the rest never. */
const neverDone: Model = {
  id: "never-done",
  async *step({ signal }) {
    yield { type: "text", text: "Half " };
    yield { type: "text", text: "an answer" };
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
  },
};

/** Tools that count how often they ran for each call. */
function countingTools() {
  const ran: string[] = [];
  const tool = (name: string, repeatable: boolean): Tool =>
    toolOf(
      name,
      async (text, { callId }) => {
        ran.push(callId);
        return `${text} done`;
      },
      { repeatable },
    );
  return { ran, tools: [tool("once", false), tool("again", true)] };
}

/** Sends two messages to one thread, as a client that repeats what was not acknowledged does. */
async function talk(node: TestNode): Promise<void> {
  const first = accepted(await node.send("what is it?"));
  accepted(await node.send("why?", { threadId: first.threadId }));
}

async function everything(node: TestNode, records: Records) {
  await talkUntilAcknowledged(node);
  await node.whenIdle();
  const events = await node.events();
  expect(violations(events)).toEqual([]);
  expect(await records.listAllOpenRuns()).toEqual([]);
  expect(events[0]?.type).toBe("thread_created");
  const results = new Map<string, boolean>();
  for (const { runId } of events.flatMap((event) => (event.type === "agent_started" ? [event] : []))) {
    for (const { entry } of await node.own.readTranscript(runId as RunId)) {
      if (entry.role === "tool") results.set(entry.callId, entry.ok);
    }
  }
  const shown = events.flatMap((event) =>
    event.type === "tool_completed" ? [[event.data.callId, event.data.ok] as const] : [],
  );
  expect(new Map(shown), "what was shown of a tool is what the model was told").toEqual(results);
  const completed = events.filter((event) => event.type === "agent_completed");
  expect(completed.map((event) => event.data.text)).toEqual([answer, "And that is why."]);
  const [threadId] = new Set(events.map((event) => event.threadId));
  const messages = await node.own.listMessages(threadId as never);
  expect(messages.map((message) => message.text).sort()).toEqual(
    ["what is it?", "why?", answer, "And that is why."].sort(),
  );
  return events;
}

async function talkUntilAcknowledged(node: TestNode): Promise<void> {
  for (;;) {
    const first = await node.send("what is it?");
    const threadId = first.ok ? first.threadId : undefined;
    if (threadId !== undefined && (await node.send("why?", { threadId })).ok) return;
    await new Promise(setImmediate);
  }
}

/** Writes that a whole conversation takes, so that the test knows at how many it has to die. */
async function writesOfAll(): Promise<number> {
  const { tools } = countingTools();
  const stores = dyingStores(
    createMemoryEventLogStore(),
    createMemoryRecords(),
    Number.POSITIVE_INFINITY,
    "done",
  );
  const node = await openNode({ ...stores, model: createScriptedModel(scriptFor), tools });
  await talk(node);
  await node.whenIdle();
  return stores.writes;
}

describe("a node that dies", () => {
  it.each(["done", "lost"] as const)(
    "RN3: at any of its writes (the last one %s) is taken over: one end per run, the whole text, no tool twice",
    async (lastOne) => {
      const writes = await writesOfAll();
      expect(writes).toBeGreaterThan(25);
      for (let dieAt = 1; dieAt <= writes; dieAt++) {
        const kept = { store: createMemoryEventLogStore(), records: createMemoryRecords() };
        const { ran, tools } = countingTools();
        const model = createScriptedModel(scriptFor);
        const stores = dyingStores(kept.store, kept.records, dieAt, lastOne);
        const dying = await openNode({ ...stores, model, tools });
        void talk(dying);
        await stores.died;
        dying.runs.abandon();
        const node = await openNode({ ...kept, model, tools });
        await node.takeOverAll();
        await everything(node, kept.records);
        for (const callId of ["c1", "c3"]) {
          expect(
            ran.filter((id) => id === callId).length,
            `${callId} when dying at ${dieAt}`,
          ).toBeLessThanOrEqual(1);
        }
      }
    },
  );

  it("RN3: and dies again and again is taken over each time", async () => {
    for (const stride of [2, 3, 5]) {
      const kept = { store: createMemoryEventLogStore(), records: createMemoryRecords() };
      const { ran, tools } = countingTools();
      const model = createScriptedModel(scriptFor);
      for (let life = 0; life < 60; life++) {
        const stores = dyingStores(kept.store, kept.records, stride, life % 2 === 0 ? "done" : "lost");
        const dying = await openNode({ ...stores, model, tools, limits: { takeovers: 1_000 } });
        void dying.takeOverAll().then(() => talkUntilAcknowledged(dying));
        const idle = async () => {
          for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate);
        };
        await Promise.race([stores.died, idle()]);
        dying.runs.abandon();
      }
      const node = await openNode({ ...kept, model, tools, limits: { takeovers: 1_000 } });
      await node.takeOverAll();
      await everything(node, kept.records);
      for (const callId of ["c1", "c3"])
        expect(ran.filter((id) => id === callId).length).toBeLessThanOrEqual(1);
    }
  });

  it.each(["done", "lost"] as const)(
    "RN3: at any of its writes (the last one %s) while a run is stopped: exactly what was shown stays, once",
    async (lastOne) => {
      const stop = async (node: TestNode) => {
        const { runId } = accepted(await node.send("go"));
        await node.seen("text_delta");
        await node.runs.cancel(runId as RunId, here);
        await node.whenIdle();
        return "lived";
      };
      for (let dieAt = 1, end = ""; end !== "lived"; dieAt++) {
        const kept = { store: createMemoryEventLogStore(), records: createMemoryRecords() };
        const stores = dyingStores(kept.store, kept.records, dieAt, lastOne);
        const dying = await openNode({ ...stores, model: neverDone });
        end = await Promise.race([stores.died.then(() => "died"), stop(dying)]);
        dying.runs.abandon();
        const node = await openNode({ ...kept, model: neverDone });
        await node.takeOverAll();
        await stop(node);
        const events = await node.events();
        expect(violations(events), `when dying at ${dieAt}`).toEqual([]);
        const last = events.at(-1);
        const partial = last?.type === "agent_cancelled" ? last.data.partial : undefined;
        const messages = await node.own.listMessages(last?.threadId as never);
        expect(
          messages.filter(({ role }) => role === "agent"),
          `when dying at ${dieAt}`,
        ).toMatchObject([{ id: partial?.messageId, text: partial?.text, cutOff: "cancelled" }]);
      }
    },
  );

  it("RN3: text that was shown but not recorded is kept, and the model goes on right after it", async () => {
    const kept = { store: createMemoryEventLogStore(), records: createMemoryRecords() };
    const model = createHandModel();
    const dying = await openNode({ ...kept, model });
    const { runId } = accepted(await dying.send("tell"));
    (await model.next()).text("Once upon a ti");
    await dying.seen("text_delta");
    dying.runs.abandon();
    const node = await openNode({ ...kept, model });
    await node.takeOverAll();
    const step = await model.next();
    expect(step.request.transcript).toEqual([
      { role: "user", text: "tell" },
      { role: "agent", text: "Once upon a ti", toolCalls: [], interrupted: true },
    ]);
    step.text("me.");
    step.end();
    await node.whenIdle();
    const events = await node.events();
    expect(events.at(-1)).toMatchObject({ type: "agent_completed", data: { text: "Once upon a time." } });
    expect(textOf(events, runId)).toBe("Once upon a time.");
    expect(violations(events)).toEqual([]);
  });

  it("RN3: a tool that was cut off runs again under its call id when it may, and is told to be interrupted when not", async () => {
    const kept = { store: createMemoryEventLogStore(), records: createMemoryRecords() };
    const model = createHandModel();
    const ran: string[] = [];
    const hanging = { until: Promise.withResolvers<string>().promise as Promise<string> };
    const tool = (name: string, repeatable: boolean) =>
      toolOf(
        name,
        (_text, { callId }) => {
          ran.push(callId);
          return hanging.until;
        },
        { repeatable },
      );
    const tools = [tool("pay", false), tool("look", true)];
    const dying = await openNode({ ...kept, model, tools });
    accepted(await dying.send("go"));
    const step = await model.next();
    step.call("pay", { text: "" }, "p");
    step.call("look", { text: "" }, "l");
    step.end();
    while (ran.length < 2) await new Promise(setImmediate);
    dying.runs.abandon();
    hanging.until = Promise.resolve("seen");
    const node = await openNode({ ...kept, model, tools });
    await node.takeOverAll();
    const next = await model.next();
    const results = next.request.transcript.filter((entry) => entry.role === "tool");
    expect(results.map(({ callId, ok }) => [callId, ok]).sort()).toEqual([
      ["l", true],
      ["p", false],
    ]);
    expect(results.find(({ callId }) => callId === "p")?.result).toContain("not run again");
    expect(ran.sort()).toEqual(["l", "l", "p"]);
    next.end();
    await node.whenIdle();
    expect(violations(await node.events())).toEqual([]);
  });

  it("RN3: more often than allowed ends the run interrupted, which says so", async () => {
    const kept = { store: createMemoryEventLogStore(), records: createMemoryRecords() };
    const model = createHandModel();
    const first = await openNode({ ...kept, model, limits: { takeovers: 1 } });
    accepted(await first.send("go"));
    await model.next();
    first.runs.abandon();
    for (let life = 0; life < 2; life++) {
      const node = await openNode({ ...kept, model, limits: { takeovers: 1 } });
      await node.takeOverAll();
      if (life === 0) await model.next();
      else await node.whenIdle();
      node.runs.abandon();
    }
    const { events } = first;
    expect((await events()).at(-1)).toMatchObject({
      type: "agent_failed",
      data: { code: "interrupted", retryable: true },
    });
    expect(violations(await events())).toEqual([]);
  });

  it("RN3: a run whose agent is not registered any more ends unknown_agent", async () => {
    const kept = { store: createMemoryEventLogStore(), records: createMemoryRecords() };
    const model = createHandModel();
    const dying = await openNode({ ...kept, model });
    accepted(await dying.send("go"));
    await model.next();
    dying.runs.abandon();
    const node = await openNode({ ...kept, agents: { find: () => undefined, list: () => [] } });
    await node.takeOverAll();
    await node.whenIdle();
    expect((await node.events()).at(-1)).toMatchObject({ data: { code: "unknown_agent" } });
    expect(violations(await node.events())).toEqual([]);
  });

  it("RN3: a message that joined the run is not lost with it", async () => {
    const kept = { store: createMemoryEventLogStore(), records: createMemoryRecords() };
    const model = createHandModel();
    const dying = await openNode({ ...kept, model });
    const { threadId, runId } = accepted(await dying.send("go"));
    await model.next();
    accepted(await dying.send("and that", { threadId, whileActive: "steer" }));
    dying.runs.abandon();
    const node = await openNode({ ...kept, model });
    await node.takeOverAll();
    const step = await model.next();
    expect(step.request.transcript).toEqual([
      { role: "user", text: "go" },
      { role: "user", text: "and that" },
    ]);
    step.end();
    await node.whenIdle();
    expect(violations(await node.events())).toEqual([]);
    expect((await node.own.getRun(runId as RunId))?.state).toBe("completed");
  });

  it("RN3: a log that was lost is written anew from what was recorded", async () => {
    const store = createMemoryEventLogStore();
    const records = createMemoryRecords();
    const model = createHandModel();
    const tools = [toolOf("echo", async (text) => text)];
    const dying = await openNode({ store, records, model, tools });
    const { threadId } = accepted(await dying.send("go"));
    const step = await model.next();
    step.text("One. ");
    step.call("echo", { text: "x" });
    step.end();
    await model.next();
    dying.runs.abandon();
    store.lose();
    const node = await openNode({ store, records, model, tools });
    await node.takeOverAll();
    const last = await model.next();
    last.text("Two.");
    last.end();
    await node.whenIdle();
    const messages = await node.own.listMessages(threadId as never);
    expect(messages.at(-1)).toMatchObject({ role: "agent", text: "One. Two." });
    expect((await node.events()).at(-1)).toMatchObject({
      type: "agent_completed",
      data: { text: "One. Two." },
    });
  });
});
