import { createMemoryEventLogStore, createMemoryRecords } from "@trueline/server/testing";
import { describe, expect, it } from "vitest";
import { createHandModel } from "../support/hand-model.ts";
import { accepted, openNode, toolOf, typesOf, user, violations } from "../support/runs-fixture.ts";

const full = new Error("disk full");

describe("a store that fails in the middle of a run", () => {
  it("EV2: stops the run; its end is written once the store takes it, and nothing else happens in the thread before", async () => {
    const store = createMemoryEventLogStore();
    const model = createHandModel();
    const node = await openNode({ store, model });
    const { runId, threadId } = accepted(await node.send("a"));
    const queued = accepted(await node.send("b", { threadId }));
    const step = await model.next();
    step.text("shown ");
    await node.seen("text_delta");
    store.failAppends(full);
    step.text("lost");
    const failed = Promise.withResolvers<void>();
    step.request.signal.addEventListener("abort", () => failed.resolve());
    await failed.promise;
    expect(model.calls).toBe(1);
    expect((await node.events()).at(-1)?.type).toBe("text_delta");
    store.failAppends();
    (await model.next()).end();
    await node.whenIdle();
    const events = await node.events();
    expect(violations(events)).toEqual([]);
    expect(events.find((event) => event.runId === runId && event.type === "agent_failed")).toMatchObject({
      data: { code: "store_unavailable", retryable: true, partial: { text: "shown " } },
    });
    expect(
      (await node.own.listMessages(threadId as never)).find(({ role }) => role === "agent"),
    ).toMatchObject({
      ...{ runId, text: "shown ", cutOff: "failed" },
    });
    const end = events.findIndex((event) => event.type === "agent_failed");
    expect(
      events.findIndex((event) => event.runId === queued.runId && event.type === "agent_started"),
    ).toBeGreaterThan(end);
  });

  it("RN3: a tool does not run when its announcement could not be stored", async () => {
    const store = createMemoryEventLogStore();
    const model = createHandModel();
    let ran = 0;
    const node = await openNode({
      store,
      model,
      tools: [toolOf("pay", async () => `${++ran}`, { repeatable: false })],
    });
    accepted(await node.send("a"));
    const step = await model.next();
    await node.seen("agent_thinking");
    store.failAppends(full);
    step.call("pay", { text: "" });
    step.end();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(ran).toBe(0);
    store.failAppends();
    await node.whenIdle();
    expect(ran).toBe(0);
    expect(violations(await node.events())).toEqual([]);
  });

  it.each(["checkpoint", "closeRun", "settleRun", "startRun", "listMessages"] as const)(
    "EV2: records that fail at %s still give every run one end",
    async (method) => {
      const records = createMemoryRecords();
      const own = records.of(user);
      let failures = 2;
      const failing = (...args: never[]) => {
        if (failures-- > 0) return Promise.reject(full);
        return (own[method] as (...args: never[]) => Promise<unknown>)(...args);
      };
      const model = createHandModel();
      const node = await openNode({
        model,
        records: { ...records, of: () => ({ ...own, [method]: failing }) },
      });
      const first = accepted(await node.send("a"));
      const second = accepted(await node.send("b", { threadId: first.threadId }));
      const answer = async () => {
        for (;;) (await model.next()).end();
      };
      void answer();
      await node.whenIdle();
      const events = await node.events();
      expect(violations(events)).toEqual([]);
      for (const { runId } of [first, second])
        expect(typesOf(events, runId).at(-1)).toMatch(/agent_(completed|failed)/);
      expect(await records.listAllOpenRuns()).toEqual([]);
    },
  );
});

describe("a node that drains", () => {
  it("DR1: takes no messages, lets the model finish its step, and stops at the checkpoint before the tools", async () => {
    const kept = { store: createMemoryEventLogStore(), records: createMemoryRecords() };
    const model = createHandModel();
    let ran = 0;
    const tools = [toolOf("pay", async () => `${++ran}`, { repeatable: false })];
    const node = await openNode({ ...kept, model, tools });
    const { threadId } = accepted(await node.send("a"));
    accepted(await node.send("b", { threadId }));
    const step = await model.next();
    step.text("Paying. ");
    const drained = node.runs.drain();
    expect(await node.send("late")).toMatchObject({ code: "going_away", retryAfterMs: expect.any(Number) });
    step.call("pay", { text: "" }, "c1");
    step.end();
    await drained;
    expect(ran).toBe(0);
    const next = await openNode({ ...kept, model, tools });
    await next.takeOverAll();
    for (const text of ["Paid.", "B."]) {
      const step = await model.next();
      step.text(text);
      step.end();
    }
    await next.whenIdle();
    expect(ran).toBe(1);
    const events = await next.events();
    expect(violations(events)).toEqual([]);
    const texts = events.flatMap((event) => (event.type === "agent_completed" ? [event.data.text] : []));
    expect(texts).toEqual(["Paying. Paid.", "B."]);
  });

  it("DR1: a run at its last step ends in the grace time", async () => {
    const model = createHandModel();
    const node = await openNode({ model });
    accepted(await node.send("a"));
    const step = await model.next();
    const drained = node.runs.drain();
    step.end();
    await drained;
    expect((await node.events()).at(-1)?.type).toBe("agent_completed");
  });

  it("DR1: what runs on after the grace time is abandoned without an end, and writes nothing more", async () => {
    const store = createMemoryEventLogStore();
    const model = createHandModel();
    const node = await openNode({ store, model });
    const { runId } = accepted(await node.send("a"));
    const step = await model.next();
    step.text("shown");
    await node.seen("text_delta");
    const drained = node.runs.drain();
    node.runs.abandon();
    step.text("late");
    await drained;
    expect(step.request.signal.aborted).toBe(true);
    expect(typesOf(await node.events(), runId).at(-1)).toBe("text_delta");
    expect(node.runs.active).toBe(0);
  });

  it("DR1: while the store fails, abandoning still comes to an end", async () => {
    const store = createMemoryEventLogStore();
    const model = createHandModel();
    const node = await openNode({ store, model });
    accepted(await node.send("a"));
    const step = await model.next();
    store.failAppends(full);
    expect(await node.send("b")).toMatchObject({ code: "store_unavailable" });
    step.end();
    const drained = node.runs.drain();
    node.runs.abandon();
    await drained;
    expect(node.runs.active).toBe(0);
  });
});
