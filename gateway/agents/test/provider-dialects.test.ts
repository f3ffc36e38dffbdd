import { createModel, type ModelSettings } from "@trueline/agents";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { apiKey, collect, failureOf, request } from "./support/provider-model.ts";
import { type ProviderServer, type Reply, refuse, startProvider } from "./support/provider-server.ts";

let server: ProviderServer;
beforeEach(async () => {
  server = await startProvider();
});
afterEach(() => server.stop());

/** Server-sent events that carry their own type, as both dialects do. */
const stream =
  (...events: { type: string }[]): Reply =>
  (response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.end(events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join(""));
  };

const anthropic = (reason: string, ...blocks: object[][]) =>
  stream(
    {
      type: "message_start",
      message: {
        id: "msg_1",
        type: "message",
        role: "assistant",
        model: "test",
        content: [],
        stop_reason: null,
        stop_sequence: null,
        usage: { input_tokens: 10, output_tokens: 1 },
      },
    } as { type: string },
    ...blocks.flatMap(([start, ...deltas], index) => [
      { type: "content_block_start", index, content_block: start },
      ...deltas.map((delta) => ({ type: "content_block_delta", index, delta })),
      { type: "content_block_stop", index },
    ]),
    {
      type: "message_delta",
      delta: { stop_reason: reason, stop_sequence: null },
      usage: { output_tokens: 5 },
    } as { type: string },
    { type: "message_stop" },
  );

const usage = {
  input_tokens: 10,
  input_tokens_details: { cached_tokens: 0 },
  output_tokens: 5,
  output_tokens_details: { reasoning_tokens: 0 },
  total_tokens: 15,
};
const openai = (...items: { item: object; deltas?: object[] }[]) =>
  stream(
    { type: "response.created", response: { id: "resp_1", created_at: 1, model: "test" } } as {
      type: string;
    },
    ...items.flatMap(({ item, deltas = [] }, output_index) => [
      { type: "response.output_item.added", output_index, item },
      ...deltas.map((delta) => ({ ...(delta as { type: string }), output_index })),
      { type: "response.output_item.done", output_index, item },
    ]),
    { type: "response.completed", response: { usage } } as { type: string },
  );

const textDelta = (delta: string) => ({ type: "response.output_text.delta", item_id: "msg_1", delta });
const message = { type: "message", id: "msg_1" };
const call = {
  type: "function_call",
  id: "fc_1",
  call_id: "c1",
  name: "weather",
  arguments: '{"city":"Oslo"}',
  status: "completed",
};

const dialects: [ModelSettings["provider"], Reply, Reply][] = [
  [
    "anthropic",
    anthropic("end_turn", [
      { type: "text", text: "" },
      { type: "text_delta", text: "Good " },
      { type: "text_delta", text: "day" },
    ]),
    anthropic("tool_use", [
      { type: "tool_use", id: "c1", name: "weather", input: {} },
      { type: "input_json_delta", partial_json: '{"city"' },
      { type: "input_json_delta", partial_json: ':"Oslo"}' },
    ]),
  ],
  [
    "openai",
    openai({ item: message, deltas: [textDelta("Good "), textDelta("day")] }),
    openai({ item: call }),
  ],
];

describe.each(dialects)("a model of %s", (provider, answer, toolCall) => {
  const model = () =>
    createModel({
      provider,
      model: "test",
      apiKey,
      baseUrl: server.baseUrl,
      retries: 0,
      maxOutputTokens: 100,
    } as ModelSettings);

  it("RN2: streams its text and its usage", async () => {
    server.reply(answer);
    expect(await collect(model().step(request()))).toEqual([
      { type: "text", text: "Good " },
      { type: "text", text: "day" },
      { type: "end", usage: { inputTokens: 10, outputTokens: 5 } },
    ]);
    expect(JSON.stringify(server.requests[0]?.headers)).toContain(apiKey);
  });

  it("RN2: calls tools, and takes their results", async () => {
    server.reply(toolCall);
    const first = await collect(model().step(request()));
    const calls = first.flatMap((part) => (part.type === "tool_call" ? [part.call] : []));
    expect(calls).toEqual([{ callId: "c1", tool: "weather", arguments: { city: "Oslo" } }]);
    server.reply(answer);
    await collect(
      model().step(
        request([
          { role: "user", text: "weather?" },
          { role: "agent", text: "", toolCalls: calls },
          { role: "tool", callId: "c1", tool: "weather", ok: true, result: "very sunny" },
        ]),
      ),
    );
    const sent = JSON.stringify(server.requests[1]?.body);
    expect(sent).toContain("very sunny");
    expect(sent).toContain("c1");
  });

  it("RN2: refuses a bad key in words that do not hold it", async () => {
    server.reply(
      refuse(401, { type: "error", error: { type: "authentication_error", message: `bad key ${apiKey}` } }),
    );
    const { error } = await failureOf(model().step(request()));
    expect(error.code).toBe("model_refused");
    expect(`${error.message} ${error.cause}`).not.toContain(apiKey);
  });

  it("RN2: that breaks off is no whole answer", async () => {
    server.reply((response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(": nothing yet\n\n");
      setImmediate(() => response.destroy());
    });
    expect((await failureOf(model().step(request()))).error.code).toBe("model_error");
  });
});
