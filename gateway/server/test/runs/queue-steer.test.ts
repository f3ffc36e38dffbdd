import { describe, expect, it } from "vitest";
import { createHandModel } from "../support/hand-model.ts";
import { accepted, openNode, toolOf, typesOf, violations } from "../support/runs-fixture.ts";

describe("a message sent while a run is active in its thread", () => {
  it("RN4: waits, visibly, and sees the answer it waited for", async () => {
    const model = createHandModel();
    const queued: number[] = [];
    const node = await openNode({ model });
    const first = accepted(await node.send("one"));
    const second = accepted(await node.send("two", { threadId: first.threadId }));
    const third = accepted(await node.send("three", { threadId: first.threadId }));
    expect((await node.own.getRun(second.runId as never))?.state).toBe("queued");
    for (const [index, answer] of ["1", "2", "3"].entries()) {
      const step = await model.next();
      expect(model.calls).toBe(index + 1);
      queued.push(node.runs.counts.queued);
      if (index === 2) {
        expect(step.request.transcript).toEqual([
          { role: "user", text: "one" },
          { role: "agent", text: "1", toolCalls: [] },
          { role: "user", text: "two" },
          { role: "agent", text: "2", toolCalls: [] },
          { role: "user", text: "three" },
        ]);
      }
      step.text(answer);
      step.end();
    }
    await node.whenIdle();
    const events = await node.events();
    expect(violations(events)).toEqual([]);
    const dispositions = events.flatMap((event) =>
      event.type === "message_accepted" ? [event.data.disposition] : [],
    );
    expect(dispositions).toEqual(["started", "queued", "queued"]);
    const ends = events.filter((event) => event.type === "agent_completed").map((event) => event.runId);
    expect(ends).toEqual([first.runId, second.runId, third.runId]);
    expect(queued).toEqual([2, 1, 0]);
  });

  it("RN4: joins the active run at its next step, when it steers", async () => {
    const model = createHandModel();
    const node = await openNode({ model, tools: [toolOf("echo", async (text) => text)] });
    const first = accepted(await node.send("one"));
    const step = await model.next();
    step.call("echo", { text: "x" }, "c1");
    const joined = accepted(
      await node.send("rather this", { threadId: first.threadId, whileActive: "steer" }),
    );
    expect(joined.runId).toBe(first.runId);
    expect(joined.messageId).not.toBe(first.messageId);
    step.end();
    const next = await model.next();
    expect(next.request.transcript.slice(-2)).toMatchObject([
      { role: "tool", callId: "c1" },
      { role: "user", text: "rather this" },
    ]);
    next.text("This, then.");
    next.end();
    await node.whenIdle();
    const events = await node.events();
    expect(violations(events)).toEqual([]);
    expect(
      events.find((event) => event.type === "message_accepted" && event.data.text === "rather this"),
    ).toMatchObject({
      runId: first.runId,
      data: { disposition: "steering" },
    });
  });

  it("RN4: that steers a run whose model has just finished is answered by one more step, at whatever moment it comes", async () => {
    for (let turns = 0; turns < 10; turns++) {
      const model = createHandModel();
      const node = await openNode({ model });
      const first = accepted(await node.send("one"));
      const step = await model.next();
      step.text("First. ");
      step.end();
      for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate);
      const second = accepted(await node.send("more", { threadId: first.threadId, whileActive: "steer" }));
      const next = await model.next();
      expect(next.request.transcript.at(-1)).toEqual({ role: "user", text: "more" });
      next.text("Second.");
      next.end();
      await node.whenIdle();
      const events = await node.events();
      expect(violations(events)).toEqual([]);
      expect(typesOf(events, second.runId).at(-1)).toBe("agent_completed");
      expect(events.at(-1)).toMatchObject({
        data: { text: second.runId === first.runId ? "First. Second." : "Second." },
      });
    }
  });

  it("RN4: steers nothing where nothing runs: it starts a run of its own", async () => {
    const model = createHandModel();
    const node = await openNode({ model });
    accepted(await node.send("one", { whileActive: "steer" }));
    (await model.next()).end();
    await node.whenIdle();
    expect((await node.events())[1]).toMatchObject({ data: { disposition: "started" } });
  });
});
