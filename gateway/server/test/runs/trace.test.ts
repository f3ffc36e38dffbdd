import { context, trace } from "@opentelemetry/api";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createHandModel } from "../support/hand-model.ts";
import { keepSpans } from "../support/hand-tracer.ts";
import { accepted, openNode, toolOf } from "../support/runs-fixture.ts";

let tracing: ReturnType<typeof keepSpans>;
beforeEach(() => {
  tracing = keepSpans();
});
afterEach(() => tracing.stop());

it("HC1: a run is traced from the frame that sent its message to its steps and tools, and what these call", async () => {
  const model = createHandModel();
  const echo = toolOf("echo", async (text) => {
    tracing.startSpan("inside the tool");
    if (text === "fail") throw new Error("failed");
    return text;
  });
  const traced = {
    ...model,
    step: (request: Parameters<typeof model.step>[0]) => insideModel(model.step(request)),
  };
  const insideModel = async function* <T>(parts: AsyncIterable<T>) {
    await new Promise(setImmediate);
    tracing.startSpan("inside the model");
    yield* parts;
  };
  const node = await openNode({ model: traced, tools: [echo] });
  const frame = tracing.startSpan("frame");
  await context.with(trace.setSpan(context.active(), frame), async () => accepted(await node.send("go")));
  const step = await model.next();
  step.call("echo", { text: "x" });
  step.call("echo", { text: "fail" });
  step.end();
  (await model.next()).end();
  await node.whenIdle();
  expect(tracing.spans.map(({ name, parent }) => `${parent ?? "-"} > ${name}`)).toEqual([
    "- > frame",
    "frame > trueline.run",
    "trueline.run > trueline.step",
    "trueline.step > inside the model",
    "trueline.run > trueline.tool",
    "trueline.tool > inside the tool",
    "trueline.run > trueline.tool",
    "trueline.tool > inside the tool",
    "trueline.run > trueline.step",
    "trueline.step > inside the model",
  ]);
  const own = tracing.spans.filter(({ name }) => name.startsWith("trueline."));
  expect(own.every(({ ended }) => ended)).toBe(true);
  expect(own.filter(({ failed }) => failed)).toHaveLength(1);
});
