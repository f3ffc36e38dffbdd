import { createHandClock, createMemoryEventLogStore, createMemoryRecords } from "@trueline/server/testing";
import { describe, expect, it } from "vitest";
import { createHandModel } from "../support/hand-model.ts";
import { accepted, agentOf, agentsOf, openNode, typesOf, user, violations } from "../support/runs-fixture.ts";

describe("sending a message", () => {
  it("RS5: the same id again gives the same answer and one run, however often and at once", async () => {
    const model = createHandModel();
    const node = await openNode({ model });
    const sends = Array.from({ length: 20 }, () => node.send("go", { id: "one" }));
    const answers = (await Promise.all(sends)).map(accepted);
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    (await model.next()).end();
    await node.whenIdle();
    expect(await node.send("go", { id: "one" })).toEqual(answers[0]);
    expect(model.calls).toBe(1);
    expect((await node.events()).filter((event) => event.type === "message_accepted")).toHaveLength(1);
  });

  it("RS5: the same id with another text is refused, before and after the run", async () => {
    const model = createHandModel();
    const node = await openNode({ model });
    const [first, second] = await Promise.all([
      node.send("go", { id: "one" }),
      node.send("stay", { id: "one" }),
    ]);
    expect(first.ok).toBe(true);
    expect(second).toMatchObject({ ok: false, code: "id_reused" });
    (await model.next()).end();
    await node.whenIdle();
    expect(await node.send("stay", { id: "one" })).toMatchObject({ code: "id_reused" });
  });

  it("RS5: the same id after its thread was deleted gets the first answer, and runs nothing", async () => {
    const model = createHandModel();
    const node = await openNode({ model });
    const first = accepted(await node.send("go", { id: "one" }));
    (await model.next()).end();
    await node.whenIdle();
    await node.own.deleteThread(first.threadId as never, { at: 1, logSeq: 0 });
    const events = await node.events();
    expect(await node.send("go", { id: "one" })).toEqual(first);
    expect(await node.send("go", { id: "one", threadId: first.threadId })).toEqual(first);
    expect(await node.send("stay", { id: "one" })).toMatchObject({ ok: false, code: "id_reused" });
    expect(model.calls).toBe(1);
    expect(await node.events()).toEqual(events);
    expect(await node.own.listThreads()).toEqual([]);
  });

  it("RS5: a text that no store keeps as it came is the same text again, and announced as it is kept", async () => {
    const model = createHandModel();
    const node = await openNode({ model });
    const first = accepted(await node.send("half \ud83d", { id: "one" }));
    expect(accepted(await node.send("half \ud83d", { id: "one" }))).toEqual(first);
    const announced = (await node.events()).find((event) => event.type === "message_accepted");
    expect(announced?.data).toMatchObject({ text: "half \ufffd" });
    (await model.next()).end();
    await node.whenIdle();
  });

  it("MG4: what does not fit is refused with the reason, and leaves nothing behind", async () => {
    const node = await openNode({ limits: { textLength: 5 } });
    expect(await node.send("")).toMatchObject({
      code: "invalid_request",
      message: expect.stringContaining("text"),
    });
    expect(await node.send("123456")).toMatchObject({
      code: "invalid_request",
      message: expect.stringMatching(/6 .*textLength is 5/),
    });
    expect(await node.send("go", { agent: "nobody" })).toMatchObject({ code: "unknown_agent" });
    expect(await node.events()).toEqual([]);
    expect(await node.own.listThreads()).toEqual([]);
  });

  it("IS2: a thread of another user is refused exactly as one that does not exist", async () => {
    const records = createMemoryRecords();
    const foreign = "thr_foreign" as never;
    await records.of("usr_bob" as never).createThread({ id: foreign, title: "Bob's", at: 1, logSeq: 0 });
    const node = await openNode({ records });
    const refusal = await node.send("hello", { threadId: foreign });
    expect(refusal).toMatchObject({ ok: false, code: "not_found" });
    expect(await node.send("hello", { threadId: "thr_nowhere" })).toEqual(refusal);
    expect(await records.of("usr_bob" as never).listMessages(foreign)).toEqual([]);
  });

  it("RN1: the agent that is asked for answers; without a name the default one", async () => {
    const models = [createHandModel(), createHandModel()] as const;
    const agents = agentsOf(agentOf(models[0], [], "first"), agentOf(models[1], [], "second"));
    const node = await openNode({ agents });
    accepted(await node.send("one"));
    accepted(await node.send("two", { agent: "second" }));
    for (const model of models) (await model.next()).end();
    await node.whenIdle();
    const started = (await node.events()).filter((event) => event.type === "agent_started");
    expect(started.map((event) => event.data.agent).sort()).toEqual(["first", "second"]);
  });

  it("RN4: messages a minute, by a clock that does not jump; the refusal says when to retry; a repeat costs nothing", async () => {
    const clock = createHandClock();
    const node = await openNode({ clock, limits: { messagesPerMinute: 2, runsAtOnce: 0 } });
    accepted(await node.send("a"));
    clock.advance(20_000);
    accepted(await node.send("b"));
    accepted(await node.send("b"));
    const refusal = await node.send("c");
    expect(refusal).toMatchObject({ code: "rate_limited", retryAfterMs: 40_000 });
    expect(refusal).toMatchObject({ message: expect.stringMatching(/messagesPerMinute is 2/) });
    clock.jump(-3_600_000);
    expect(await node.send("c")).toMatchObject({ retryAfterMs: 40_000 });
    clock.advance(40_000);
    accepted(await node.send("c"));
    await node.whenIdle();
  });

  it("RN4: runs at once, over all threads, taken in one step", async () => {
    const model = createHandModel();
    const node = await openNode({ model, limits: { runsAtOnce: 2 } });
    const outcomes = await Promise.all(["a", "b", "c", "d"].map((text) => node.send(text)));
    expect(outcomes.filter((outcome) => outcome.ok)).toHaveLength(2);
    expect(outcomes.find((outcome) => !outcome.ok)).toMatchObject({
      code: "run_limit",
      message: expect.stringMatching(/runsAtOnce is 2, and 2/),
      retryAfterMs: expect.any(Number),
    });
    (await model.next()).end();
    await node.seen("agent_completed");
    while (node.runs.active > 1) await new Promise(setImmediate);
    accepted(await node.send("e"));
    for (let run = 0; run < 2; run++) (await model.next()).end();
    await node.whenIdle();
  });

  it("RN4: messages that wait in one thread", async () => {
    const model = createHandModel();
    const node = await openNode({ model, limits: { queuedPerThread: 1 } });
    const { threadId } = accepted(await node.send("a"));
    accepted(await node.send("b", { threadId }));
    expect(await node.send("c", { threadId })).toMatchObject({
      code: "run_limit",
      message: expect.stringMatching(/queuedPerThread is 1/),
    });
    for (let run = 0; run < 2; run++) (await model.next()).end();
    await node.whenIdle();
  });

  it("RN4: tokens a day, before a run and in the middle of one, until the UTC day is over", async () => {
    const clock = createHandClock(Date.UTC(2026, 0, 1, 23));
    const model = createHandModel();
    const node = await openNode({ model, clock, limits: { tokensPerDay: 4 } });
    const { runId } = accepted(await node.send("a"));
    const step = await model.next();
    step.call("missing", {});
    step.end();
    await node.whenIdle();
    const events = await node.events();
    expect(events.at(-1)).toMatchObject({ type: "agent_failed", runId, data: { code: "token_limit" } });
    expect(await node.send("b")).toMatchObject({ code: "token_limit", retryAfterMs: 3_600_000 });
    clock.advance(3_600_000);
    accepted(await node.send("b"));
    (await model.next()).end();
    await node.whenIdle();
  });

  it("MG4: a store that takes nothing refuses the message; nothing of it runs, and the same id works later", async () => {
    const records = createMemoryRecords();
    const own = records.of(user);
    let broken = true;
    const node = await openNode({
      records: {
        ...records,
        of: () => ({
          ...own,
          accept: (message) => (broken ? Promise.reject(new Error("disk full")) : own.accept(message)),
        }),
      },
    });
    expect(await node.send("a")).toMatchObject({
      code: "store_unavailable",
      retryAfterMs: expect.any(Number),
    });
    expect(node.runs.active).toBe(0);
    expect(await node.events()).toEqual([]);
    broken = false;
    accepted(await node.send("a"));
    await node.whenIdle();
  });

  it("MG4: a store that took the message and said it did not is asked", async () => {
    const records = createMemoryRecords();
    const own = records.of(user);
    const node = await openNode({
      records: {
        ...records,
        of: () => ({
          ...own,
          accept: async (message) => {
            await own.accept(message);
            throw new Error("connection lost");
          },
        }),
      },
    });
    const { runId } = accepted(await node.send("a"));
    await node.whenIdle();
    expect(typesOf(await node.events(), runId).at(-1)).toBe("agent_completed");
  });

  it("MG4: a message that was recorded but not announced is no success; the same id is one, once it is announced", async () => {
    const store = createMemoryEventLogStore();
    const model = createHandModel();
    const node = await openNode({ store, model });
    store.failAppends(new Error("disk full"));
    expect(await node.send("a")).toMatchObject({ ok: false, code: "store_unavailable" });
    expect(await node.send("a")).toMatchObject({ ok: false, code: "store_unavailable" });
    expect(model.calls).toBe(0);
    store.failAppends();
    await node.seen("message_accepted");
    const { runId } = accepted(await node.send("a"));
    (await model.next()).end();
    await node.whenIdle();
    const events = await node.events();
    expect(violations(events)).toEqual([]);
    expect(events.filter((event) => event.runId === runId && event.type === "message_accepted")).toHaveLength(
      1,
    );
  });
});
