import { runFailures } from "@trueline/protocol";
import { ModelError } from "@trueline/server";
import { describe, expect, it } from "vitest";
import { createHandModel } from "../support/hand-model.ts";
import { accepted, openNode, textOf, toolOf, typesOf, violations } from "../support/runs-fixture.ts";

describe("a run", () => {
  it("EV2: a message becomes its events in order, and the answer is all of its deltas", async () => {
    const model = createHandModel();
    const node = await openNode({ model });
    const { runId, threadId, messageId } = accepted(await node.send("hello\nthere"));
    const step = await model.next();
    step.part({ type: "reasoning", text: "hm" });
    step.text("Good ");
    step.text("");
    step.text("day");
    step.end();
    await node.whenIdle();
    const events = await node.events();
    expect(events[0]).toMatchObject({ type: "thread_created", runId: null, data: { title: "hello" } });
    expect(typesOf(events, runId)).toEqual([
      "message_accepted",
      "agent_started",
      "agent_thinking",
      "agent_thinking",
      "text_delta",
      "text_delta",
      "agent_completed",
    ]);
    expect(events[1]?.data).toEqual({
      id: "id of hello\nthere",
      messageId,
      text: "hello\nthere",
      disposition: "started",
    });
    expect(events.at(-1)?.data).toMatchObject({
      text: "Good day",
      usage: { inputTokens: 3, outputTokens: 2 },
    });
    expect(violations(events)).toEqual([]);
    const messages = await node.own.listMessages(threadId as never);
    expect(messages.map(({ role, text }) => ({ role, text }))).toEqual([
      { role: "user", text: "hello\nthere" },
      { role: "agent", text: "Good day" },
    ]);
    expect(await node.own.getRun(runId as never)).toMatchObject({ state: "completed" });
  });

  it("RN1: tools run with what they asked for, and the model sees the whole results", async () => {
    const model = createHandModel();
    const long = "x".repeat(5_000);
    const node = await openNode({ model, tools: [toolOf("echo", async (text) => text + long)] });
    const { runId } = accepted(await node.send("go"));
    const first = await model.next();
    first.text("Looking. ");
    first.call("echo", { text: "a" }, "c1");
    first.call("echo", { text: "b" }, "c2");
    first.end();
    const second = await model.next();
    expect(second.request.transcript).toEqual([
      { role: "user", text: "go" },
      {
        role: "agent",
        text: "Looking. ",
        toolCalls: [
          { callId: "c1", tool: "echo", arguments: { text: "a" } },
          { callId: "c2", tool: "echo", arguments: { text: "b" } },
        ],
      },
      { role: "tool", callId: "c1", tool: "echo", ok: true, result: `a${long}` },
      { role: "tool", callId: "c2", tool: "echo", ok: true, result: `b${long}` },
    ]);
    second.text("Done.");
    second.end();
    await node.whenIdle();
    const events = await node.events();
    expect(violations(events)).toEqual([]);
    expect(textOf(events, runId)).toBe("Looking. Done.");
    const completed = events.filter((event) => event.type === "tool_completed");
    expect(completed.map((event) => event.data.preview.length)).toEqual([2_000, 2_000]);
    expect(events.at(-1)?.data).toMatchObject({ usage: { inputTokens: 6, outputTokens: 4 } });
  });

  it("RN1: an unknown tool, arguments that do not fit and a tool that throws are told to the model, and the run goes on", async () => {
    const model = createHandModel();
    const broken = toolOf("broken", async () => {
      throw new Error("no paper");
    });
    const node = await openNode({ model, tools: [broken] });
    accepted(await node.send("go"));
    const first = await model.next();
    first.call("missing", { a: 1 });
    first.call("broken", { text: 7 });
    first.call("broken", '{"text":');
    first.call("broken", { text: "x" });
    first.end();
    const second = await model.next();
    const results = second.request.transcript.flatMap((entry) =>
      entry.role === "tool" ? [[entry.ok, entry.result]] : [],
    );
    expect(results).toContainEqual([false, "There is no tool named missing."]);
    expect(results).toContainEqual([false, expect.stringContaining("text: ")]);
    expect(results).toContainEqual([false, "no paper"]);
    expect(results).toHaveLength(4);
    second.text("Sorry.");
    second.end();
    await node.whenIdle();
    const events = await node.events();
    expect(violations(events)).toEqual([]);
    expect(events.at(-1)).toMatchObject({ type: "agent_completed", data: { text: "Sorry." } });
  });

  it("AU5: secrets are shown neither in the arguments of a tool nor in its result", async () => {
    const model = createHandModel();
    const login = toolOf("login", async () => "hunter2 was not accepted for s3cr3t", {
      secretArguments: ["text"],
    });
    const node = await openNode({ model, tools: [login] });
    accepted(await node.send("go"));
    const first = await model.next();
    first.call("login", { text: "s3cr3t", password: "hunter2" });
    first.call("other", {
      nested: { apiKey: "hunter2", Authorization: ["s3cr3t"] },
      list: [{ access_token: "s3cr3t" }],
      fine: "yes",
    });
    first.end();
    (await model.next()).end();
    await node.whenIdle();
    const text = JSON.stringify((await node.events()).filter((event) => event.type.startsWith("tool_")));
    expect(text).not.toMatch(/hunter2|s3cr3t/);
    expect(text).toContain('"fine":"yes"');
  });

  it("AU5: what a tool says is shown without credentials, and given to the model whole", async () => {
    const model = createHandModel();
    const address = "postgres://ada:hunter2@db/x";
    const fails = toolOf("query", async () => {
      throw new Error(`connect ECONNREFUSED ${address}`);
    });
    const reads = toolOf("read", async () => "DB_PASSWORD=s3cr3t\nAWS AKIAIOSFODNN7EXAMPLE");
    const node = await openNode({ model, tools: [fails, reads] });
    accepted(await node.send("go"));
    const first = await model.next();
    first.call("query", { text: address });
    first.call("read", { text: "" });
    first.end();
    const second = await model.next();
    const results = second.request.transcript.flatMap((entry) => (entry.role === "tool" ? entry.result : []));
    expect(results.sort()).toEqual([
      "DB_PASSWORD=s3cr3t\nAWS AKIAIOSFODNN7EXAMPLE",
      `connect ECONNREFUSED ${address}`,
    ]);
    second.end();
    await node.whenIdle();
    const events = await node.events();
    const previews = events.flatMap((event) => (event.type === "tool_completed" ? event.data.preview : []));
    expect(previews.sort()).toEqual([
      "DB_PASSWORD=[redacted]\nAWS [redacted]",
      "connect ECONNREFUSED postgres://ada:[redacted]@db/x",
    ]);
    expect(JSON.stringify(events)).not.toMatch(/hunter2|s3cr3t|AKIAIO/);
  });

  it("RN4: tool calls that take longer together than a run may are ended, and no further one begins", async () => {
    const model = createHandModel();
    const signals: AbortSignal[] = [];
    const hang = toolOf("hang", (_text, { signal }) => {
      signals.push(signal);
      return Promise.withResolvers<string>().promise;
    });
    const node = await openNode({ model, tools: [hang], limits: { runToolTimeMs: 20 } });
    accepted(await node.send("go"));
    const first = await model.next();
    first.call("hang", { text: "a" });
    first.call("hang", { text: "b" });
    first.end();
    const second = await model.next();
    second.call("hang", { text: "c" });
    second.end();
    const third = await model.next();
    const results = third.request.transcript.filter((entry) => entry.role === "tool");
    expect(results.map(({ ok }) => ok)).toEqual([false, false, false]);
    for (const { result } of results) expect(result).toContain("The limit runToolTimeMs is 20 ms");
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true]);
    third.text("Sorry.");
    third.end();
    await node.whenIdle();
    expect((await node.events()).at(-1)?.type).toBe("agent_completed");
    accepted(await node.send("again"));
    const next = await model.next();
    next.call("hang", { text: "d" });
    next.end();
    while (signals.length < 3) await new Promise(setImmediate);
    node.runs.abandon();
  });

  it("RN4: a tool that ignores its signal does not hold the run longer than its timeout", async () => {
    const model = createHandModel();
    let aborted = false;
    const hang = toolOf("hang", (_text, { signal }) => {
      signal.addEventListener("abort", () => {
        aborted = true;
      });
      return Promise.withResolvers<string>().promise;
    });
    const node = await openNode({ model, tools: [{ ...hang, timeoutMs: 5 }] });
    accepted(await node.send("go"));
    const first = await model.next();
    first.call("hang", { text: "x" });
    first.end();
    const second = await model.next();
    expect(second.request.transcript.at(-1)).toMatchObject({
      ok: false,
      result: expect.stringContaining("5 ms"),
    });
    expect(aborted).toBe(true);
    second.end();
    await node.whenIdle();
  });

  it("RN3: tools that may not be repeated run one after the other, the others at once", async () => {
    const model = createHandModel();
    const order: string[] = [];
    const gates = new Map<string, () => void>();
    const tool = (name: string, repeatable: boolean) =>
      toolOf(
        name,
        (text) => {
          order.push(text);
          return new Promise((resolve) => gates.set(text, () => resolve(text)));
        },
        { repeatable },
      );
    const node = await openNode({ model, tools: [tool("once", false), tool("again", true)] });
    accepted(await node.send("go"));
    const first = await model.next();
    first.call("once", { text: "o1" }, "c1");
    first.call("again", { text: "a1" }, "c2");
    first.call("once", { text: "o2" }, "c3");
    first.call("again", { text: "a2" }, "c4");
    first.end();
    while (order.length < 3) await node.seen("tool_executing").then(() => new Promise(setImmediate));
    expect([...order].sort()).toEqual(["a1", "a2", "o1"]);
    gates.get("o1")?.();
    while (order.length < 4) await new Promise(setImmediate);
    for (const name of ["o2", "a1", "a2"]) gates.get(name)?.();
    (await model.next()).end();
    await node.whenIdle();
    expect(violations(await node.events())).toEqual([]);
  });

  it.each([
    ["model_refused", new ModelError("model_refused", "bad key"), "bad key"],
    ["model_error", new ModelError("model_error", "dropped"), "dropped"],
    ["internal_error", new Error("secret detail"), "Something went wrong on the server."],
  ] as const)(
    "EV2: a model that fails with %s ends the run so, in words meant for the user",
    async (code, error, message) => {
      const model = createHandModel();
      const node = await openNode({ model });
      const { runId } = accepted(await node.send("go"));
      const step = await model.next();
      step.text("Half an ");
      step.fail(error);
      await node.whenIdle();
      const events = await node.events();
      const partial = { messageId: expect.any(String), text: "Half an " };
      expect(events.at(-1)?.data).toEqual({ partial, code, message, retryable: runFailures[code].retryable });
      expect(violations(events)).toEqual([]);
      expect(await node.own.getRun(runId as never)).toMatchObject({ state: "failed", outcome: { partial } });
    },
  );

  it("RN4: a model that is silent for too long is let go, and the run ends model_timeout", async () => {
    const model = createHandModel();
    const node = await openNode({ model, limits: { modelSilenceMs: 5 } });
    accepted(await node.send("go"));
    const step = await model.next();
    await node.whenIdle();
    expect(step.request.signal.aborted).toBe(true);
    expect((await node.events()).at(-1)).toMatchObject({
      type: "agent_failed",
      data: { code: "model_timeout" },
    });
  });

  it("RN4: a run that takes too long ends run_timeout, in the middle of a tool", async () => {
    const model = createHandModel();
    const node = await openNode({
      model,
      tools: [toolOf("hang", () => Promise.withResolvers<string>().promise)],
      limits: { runTimeoutMs: 20 },
    });
    accepted(await node.send("go"));
    const step = await model.next();
    step.call("hang", { text: "" });
    step.end();
    await node.whenIdle();
    const events = await node.events();
    expect(events.at(-1)).toMatchObject({
      type: "agent_failed",
      data: { code: "run_timeout", retryable: true },
    });
    expect(violations(events)).toEqual([]);
  });

  it("RN4: a model that never comes to an end is stopped after so many steps", async () => {
    const model = createHandModel();
    const node = await openNode({
      model,
      tools: [toolOf("echo", async (text) => text)],
      limits: { steps: 2 },
    });
    accepted(await node.send("go"));
    for (let step = 0; step < 2; step++) {
      const next = await model.next();
      next.call("echo", { text: "" });
      next.end();
    }
    await node.whenIdle();
    expect(model.calls).toBe(2);
    expect((await node.events()).at(-1)).toMatchObject({ data: { code: "step_limit", retryable: false } });
  });

  it("RN6: the time from the model's first text to its commit is told, once", async () => {
    const model = createHandModel();
    const told: string[] = [];
    const node = await openNode({
      model,
      observer: {
        firstEvent: () => told.push("event"),
        firstText: () => told.push("text"),
        addedLatency: () => told.push("added"),
        runStarted: () => told.push("started"),
        runEnded: (_agent, state) => told.push(state),
      },
    });
    accepted(await node.send("go"));
    const step = await model.next();
    step.text("a");
    step.text("b");
    step.end();
    await node.whenIdle();
    expect(told).toEqual(["started", "event", "added", "text", "completed"]);
  });
});
