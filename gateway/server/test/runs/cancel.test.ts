import type { RunId, ThreadId } from "@trueline/kit";
import { createMemoryEventLogStore, createMemoryRecords } from "@trueline/server/testing";
import { describe, expect, it } from "vitest";
import { createHandModel } from "../support/hand-model.ts";
import {
  accepted,
  here,
  openNode,
  textOf,
  toolOf,
  typesOf,
  user,
  violations,
} from "../support/runs-fixture.ts";

const phone = { connectionId: "con_phone" };

describe("cancelling a run", () => {
  it("RS7: ends it at once, tells the model, and names who asked from which connection", async () => {
    const model = createHandModel();
    const node = await openNode({ model });
    const ids = accepted(await node.send("go"));
    const step = await model.next();
    step.text("Half an ");
    await node.seen("text_delta");
    expect(await node.runs.cancel(ids.runId as RunId, phone)).toEqual(ids);
    expect(step.request.signal.aborted).toBe(true);
    await node.whenIdle();
    const events = await node.events();
    expect(events.at(-1)).toMatchObject({
      type: "agent_cancelled",
      data: { by: user, connectionId: "con_phone" },
    });
    expect(violations(events)).toEqual([]);
  });

  it("RS7: of a run that a cancel ended is answered as the first time, and adds nothing", async () => {
    const model = createHandModel();
    const node = await openNode({ model });
    const ids = accepted(await node.send("go"));
    await model.next();
    expect(await node.runs.cancel(ids.runId as RunId, phone)).toEqual(ids);
    await node.whenIdle();
    const events = await node.events();
    expect(await node.runs.cancel(ids.runId as RunId, here)).toEqual(ids);
    expect(await node.events()).toEqual(events);
  });

  it("RS7: of a run that ended by itself is told so", async () => {
    const model = createHandModel();
    const node = await openNode({ model });
    const { runId } = accepted(await node.send("go"));
    (await model.next()).end();
    await node.whenIdle();
    expect(await node.runs.cancel(runId as RunId, here)).toMatchObject({ ok: false, code: "run_ended" });
  });

  it("RS7: what was shown of the answer stays, marked as stopped, and the next message's model sees it", async () => {
    const model = createHandModel();
    const node = await openNode({ model });
    const { runId, threadId } = accepted(await node.send("go"));
    const step = await model.next();
    step.text("Half an ");
    step.text("answer");
    while (textOf(await node.events(), runId) !== "Half an answer") await new Promise(setImmediate);
    await node.runs.cancel(runId as RunId, phone);
    step.text("said too late");
    await node.whenIdle();
    const partial = { messageId: expect.any(String), text: "Half an answer" };
    expect((await node.events()).at(-1)).toMatchObject({ type: "agent_cancelled", data: { partial } });
    expect((await node.own.listMessages(threadId as ThreadId)).at(-1)).toMatchObject({
      ...{ role: "agent", runId, text: "Half an answer", cutOff: "cancelled" },
    });
    accepted(await node.send("and?", { threadId }));
    const next = await model.next();
    expect(next.request.transcript).toEqual([
      { role: "user", text: "go" },
      { role: "agent", text: "Half an answer", toolCalls: [] },
      { role: "user", text: "and?" },
    ]);
    next.end();
    await node.whenIdle();
  });

  it("RS7: a run that was stopped before it showed anything leaves no message", async () => {
    const model = createHandModel();
    const node = await openNode({ model });
    const { runId, threadId } = accepted(await node.send("go"));
    await model.next();
    await node.runs.cancel(runId as RunId, phone);
    await node.whenIdle();
    expect((await node.events()).at(-1)).toMatchObject({
      type: "agent_cancelled",
      data: { by: user, connectionId: "con_phone" },
    });
    expect(await node.own.listMessages(threadId as ThreadId)).toHaveLength(1);
  });

  it("RS7: reaches a tool, and does not wait for one that will not listen", async () => {
    const model = createHandModel();
    const signals: AbortSignal[] = [];
    const hang = toolOf("hang", (_text, { signal }) => {
      signals.push(signal);
      return Promise.withResolvers<string>().promise;
    });
    const node = await openNode({ model, tools: [hang] });
    const { runId } = accepted(await node.send("go"));
    const step = await model.next();
    step.call("hang", { text: "" });
    step.end();
    while (signals.length === 0) await new Promise(setImmediate);
    expect((await node.runs.cancel(runId as RunId, { connectionId: null })).ok).toBe(true);
    expect(signals[0]?.aborted).toBe(true);
    await node.whenIdle();
    const events = await node.events();
    expect(typesOf(events, runId).slice(-2)).toEqual(["tool_completed", "agent_cancelled"]);
    expect(violations(events)).toEqual([]);
  });

  it("RS7: of a run that waits takes it out of the queue; the others go on", async () => {
    const model = createHandModel();
    const node = await openNode({ model });
    const { threadId } = accepted(await node.send("a"));
    const second = accepted(await node.send("b", { threadId }));
    const third = accepted(await node.send("c", { threadId }));
    expect((await node.runs.cancel(second.runId as RunId, here)).ok).toBe(true);
    for (let run = 0; run < 2; run++) (await model.next()).end();
    await node.whenIdle();
    const events = await node.events();
    expect(model.calls).toBe(2);
    expect(typesOf(events, second.runId)).toEqual(["message_accepted", "agent_started", "agent_cancelled"]);
    expect(typesOf(events, third.runId).at(-1)).toBe("agent_completed");
    expect(violations(events)).toEqual([]);
  });

  it("IS2: of a run of another user is answered as of one that does not exist", async () => {
    const records = createMemoryRecords();
    await records.of("usr_bob" as never).accept({
      clientId: "x",
      text: "x",
      messageId: "msg_x" as never,
      runId: "run_bob" as never,
      agent: "helper",
      logSeq: 0,
      at: 1,
      thread: { create: "thr_bob" as never, title: "Bob's" },
      run: { state: "running" },
    });
    const node = await openNode({ records });
    const refusal = await node.runs.cancel("run_bob" as RunId, here);
    expect(refusal).toMatchObject({ ok: false, code: "not_found" });
    expect(await node.runs.cancel("run_nowhere" as RunId, here)).toEqual(refusal);
  });

  it("RS7: that comes as the run completes is told that it came too late, or wins: never both", async () => {
    for (let turns = 0; turns < 12; turns++) {
      const model = createHandModel();
      const node = await openNode({ model });
      const { runId } = accepted(await node.send("go"));
      (await model.next()).end();
      for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate);
      const outcome = await node.runs.cancel(runId as RunId, here);
      await node.whenIdle();
      const events = await node.events();
      expect(violations(events)).toEqual([]);
      expect(events.at(-1)?.type).toBe(outcome.ok ? "agent_cancelled" : "agent_completed");
      if (!outcome.ok) expect(outcome.code).toBe("run_ended");
    }
  });

  it("EV2: that comes while a message is joining the run ends it after that message, never before", async () => {
    const model = createHandModel();
    const records = createMemoryRecords();
    const own = records.of(user);
    const gate = Promise.withResolvers<void>();
    const reached = Promise.withResolvers<void>();
    const accept: typeof own.accept = async (message) => {
      if ("joins" in message.run) {
        reached.resolve();
        await gate.promise;
      }
      return own.accept(message);
    };
    const node = await openNode({ model, records: { ...records, of: () => ({ ...own, accept }) } });
    const { runId, threadId } = accepted(await node.send("go"));
    await model.next();
    const joining = node.send("and that", { threadId, whileActive: "steer" });
    await reached.promise;
    const cancelling = node.runs.cancel(runId as RunId, here);
    for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
    gate.resolve();
    expect(accepted(await joining).runId).toBe(runId);
    expect((await cancelling).ok).toBe(true);
    await node.whenIdle();
    expect(typesOf(await node.events(), runId).slice(-2)).toEqual(["message_accepted", "agent_cancelled"]);
  });

  it("MG4: that could not be stored is no success, and takes effect once it can be", async () => {
    const store = createMemoryEventLogStore();
    const records = createMemoryRecords();
    const own = records.of(user);
    let broken = false;
    const model = createHandModel();
    const node = await openNode({
      store,
      model,
      records: {
        ...records,
        of: () => ({
          ...own,
          closeRun: (...args) => (broken ? Promise.reject(new Error("disk full")) : own.closeRun(...args)),
        }),
      },
    });
    const { runId } = accepted(await node.send("go"));
    await model.next();
    broken = true;
    expect(await node.runs.cancel(runId as RunId, here)).toMatchObject({
      ok: false,
      code: "store_unavailable",
    });
    broken = false;
    await node.whenIdle();
    expect((await node.events()).at(-1)?.type).toBe("agent_cancelled");
  });

  it("RS7: a thread that is ended takes no messages while it is deleted", async () => {
    const model = createHandModel();
    const node = await openNode({ model });
    const { threadId, runId } = accepted(await node.send("a"));
    const waiting = accepted(await node.send("b", { threadId }));
    await model.next();
    const answer = await node.runs.endThread(threadId as never, here, async () => {
      expect(node.runs.active).toBe(0);
      expect(await node.send("late", { threadId })).toMatchObject({ code: "not_found" });
      return "deleted";
    });
    expect(answer).toBe("deleted");
    const events = await node.events();
    for (const id of [runId, waiting.runId]) expect(typesOf(events, id).at(-1)).toBe("agent_cancelled");
    expect(violations(events)).toEqual([]);
  });
});
