/** A model that misbehaves, behind the real provider and the real gateway: its own run ends and says why; nobody else notices. */
import { createModel, defineAgent, defineTool } from "@trueline/agents";
import { describe, expect, it, onTestFinished } from "vitest";
import { z } from "zod";
import {
  callTools,
  chunk,
  openStream,
  type Reply,
  refuse,
  say,
  send,
  startProvider,
} from "../../../agents/test/support/provider-server.ts";
import { bob, openGateway } from "../support/gateway.ts";
import type { Frame } from "../support/test-socket.ts";

const hang: Reply = (response) => {
  openStream(response);
  send(response, chunk({ content: "begun" }));
};
const garbage: Reply = (response) => {
  openStream(response);
  response.end("data: {this is not JSON\n\n");
};
const drop: Reply = (response) => {
  openStream(response);
  send(response, chunk({ content: "begun" }));
  setImmediate(() => response.destroy());
};

async function openWithModel() {
  const provider = await startProvider();
  onTestFinished(provider.stop);
  const model = createModel({
    provider: "openai-compatible",
    baseUrl: provider.baseUrl,
    model: "m",
    retries: 0,
  });
  const add = defineTool({
    name: "add",
    description: "Adds",
    parameters: z.strictObject({ a: z.number(), b: z.number() }),
    execute: ({ a, b }) => String(a + b),
  });
  const agent = defineAgent({ name: "real", description: "A model", instructions: "", model, tools: [add] });
  const { login, connect } = await openGateway({ agents: [agent], limits: { modelSilenceMs: 300 } });
  const tab = await connect((await login()).accessToken);
  const other = await connect((await login(bob)).accessToken);
  return { provider, tab, other };
}

describe("a model that", () => {
  const faults: readonly (readonly [string, Reply, string])[] = [
    ["hangs in the middle", hang, "model_timeout"],
    ["sends garbage", garbage, "model_garbage"],
    ["drops the connection", drop, "model_error"],
    ["answers 401", refuse(401), "model_refused"],
    ["answers 500", refuse(500), "model_error"],
  ];
  it.each(faults)(
    "RN2, EV2: %s ends its own run with one clear agent_failed, and no other",
    async (_what, fault, code) => {
      const { provider, tab, other } = await openWithModel();
      provider.reply(fault);
      tab.send({ type: "send", id: "m-1", text: "Go" });
      const failed = await tab.next("agent_failed", "agent_completed");
      expect(failed).toMatchObject({ type: "agent_failed", data: { code } });
      expect(failed.data.message.length).toBeGreaterThan(10);
      provider.reply(say("fine"));
      other.send({ type: "send", id: "m-1", text: "Go" });
      expect(await other.next("agent_completed")).toMatchObject({ data: { text: "fine" } });
      // And the one concerned can go on, in the same thread.
      provider.reply(say("better now"));
      tab.send({ type: "send", id: "m-2", text: "Again", threadId: failed.threadId });
      expect(await tab.next("agent_completed", "agent_failed")).toMatchObject({
        data: { text: "better now" },
      });
      expect(tab.frames.filter(({ runId, type }) => runId === failed.runId && isEnd(type))).toHaveLength(1);
    },
  );
});

it("RN1, EV2: a tool that does not exist and arguments that do not fit fail their calls, are told to the model, and the run goes on", async () => {
  const { provider, tab } = await openWithModel();
  provider.reply(
    callTools({ name: "no_such_tool", arguments: "{}" }, { name: "add", arguments: '{"a":"one"}' }),
    say("I see"),
  );
  tab.send({ type: "send", id: "m-1", text: "Go" });
  const completed = await tab.next("agent_completed", "agent_failed");
  expect(completed).toMatchObject({ type: "agent_completed", data: { text: "I see" } });
  const results = tab.frames
    .filter((frame: Frame) => frame.type === "tool_completed")
    .map(({ data }) => data);
  expect(results).toHaveLength(2);
  expect(results).toContainEqual(
    expect.objectContaining({ ok: false, preview: "There is no tool named no_such_tool." }),
  );
  expect(results).toContainEqual(
    expect.objectContaining({ tool: "add", ok: false, preview: expect.stringContaining("a: ") }),
  );
  const told = provider.requests[1]?.body.messages.filter(({ role }) => role === "tool");
  expect(told).toHaveLength(2);
});

const isEnd = (type: string): boolean => /^agent_(completed|failed|cancelled)$/.test(type);
