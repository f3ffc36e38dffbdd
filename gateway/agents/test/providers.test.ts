import { defineTool } from "@trueline/agents";
import {
  ModelError,
  type ModelPart,
  type ModelRequest,
  type Tool,
  type TranscriptEntry,
} from "@trueline/server";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { createModel, type ModelSettings } from "../src/providers/settings.ts";
import {
  callTools,
  chunk,
  finish,
  openStream,
  type ProviderServer,
  refuse,
  say,
  send,
  startProvider,
} from "./support/provider-server.ts";

const apiKey = "sk-very-secret-key";
let server: ProviderServer;
beforeEach(async () => {
  server = await startProvider();
});
afterEach(() => server.stop());

const weather: Tool = defineTool({
  name: "weather",
  description: "Tells the weather",
  parameters: z.strictObject({ city: z.string() }),
  execute: ({ city }) => `sunny in ${city}`,
});

function modelOf(more: Partial<ModelSettings> = {}) {
  const settings = {
    provider: "openai-compatible",
    name: "local",
    model: "test",
    baseUrl: server.baseUrl,
    apiKey,
    retries: 0,
  };
  return createModel({ ...settings, ...more } as ModelSettings);
}

function request(
  transcript: readonly TranscriptEntry[] = [{ role: "user", text: "hello" }],
  more: Partial<ModelRequest> = {},
) {
  return {
    instructions: "Be kind.",
    transcript,
    tools: [weather],
    signal: new AbortController().signal,
    ...more,
  };
}

async function collect(parts: AsyncIterable<ModelPart>): Promise<ModelPart[]> {
  const all: ModelPart[] = [];
  for await (const part of parts) all.push(part);
  return all;
}

/** The parts up to the failure, and the failure. */
async function failureOf(parts: AsyncIterable<ModelPart>) {
  const shown: ModelPart[] = [];
  try {
    for await (const part of parts) shown.push(part);
  } catch (error) {
    expect(error).toBeInstanceOf(ModelError);
    return { shown, error: error as ModelError };
  }
  throw new Error("it did not fail");
}

describe("a model behind an OpenAI-compatible server", () => {
  it("RN2: streams its text, and says what it cost", async () => {
    server.reply(say("Good ", "day"));
    const model = modelOf({ price: { input: 2, output: 10 } });
    expect(model.id).toBe("local/test");
    expect(await collect(model.step(request()))).toEqual([
      { type: "text", text: "Good " },
      { type: "text", text: "day" },
      { type: "end", usage: { inputTokens: 10, outputTokens: 5, costUsd: (10 * 2 + 5 * 10) / 1e6 } },
    ]);
    const [sent] = server.requests;
    expect(sent?.headers.authorization).toBe(`Bearer ${apiKey}`);
    expect(sent?.body.messages).toEqual([
      { role: "system", content: "Be kind." },
      { role: "user", content: "hello" },
    ]);
    expect(sent?.body.tools?.map((tool) => tool.function.name)).toEqual(["weather"]);
  });

  it("RN2: gives reasoning apart from the answer", async () => {
    server.reply((response) => {
      openStream(response);
      send(
        response,
        chunk({ reasoning_content: "hm, " }),
        chunk({ reasoning_content: "well" }),
        chunk({ content: "Yes." }),
      );
      finish(response);
    });
    const parts = await collect(modelOf().step(request()));
    expect(parts.filter((part) => part.type === "reasoning").map((part) => part.text)).toEqual([
      "hm, ",
      "well",
    ]);
    expect(parts.filter((part) => part.type === "text").map((part) => part.text)).toEqual(["Yes."]);
  });

  it("RN2: a tool loop: calls come whole, results go back, nothing runs in the library", async () => {
    server.reply(
      callTools(
        { id: "a", name: "weather", arguments: '{"city":"Oslo"}' },
        { id: "b", name: "weather", arguments: '{"city":"Rome"}' },
      ),
    );
    const parts = await collect(modelOf().step(request()));
    const calls = parts.flatMap((part) => (part.type === "tool_call" ? [part.call] : []));
    expect(calls).toEqual([
      { callId: "a", tool: "weather", arguments: { city: "Oslo" } },
      { callId: "b", tool: "weather", arguments: { city: "Rome" } },
    ]);
    server.reply(say("Sunny."));
    await collect(
      modelOf().step(
        request([
          { role: "user", text: "weather?" },
          { role: "agent", text: "Looking.", toolCalls: calls },
          { role: "tool", callId: "a", tool: "weather", ok: true, result: "sunny" },
          { role: "tool", callId: "b", tool: "weather", ok: false, result: "no data" },
          { role: "user", text: "hurry" },
        ]),
      ),
    );
    expect(server.requests[1]?.body.messages.slice(1)).toMatchObject([
      { role: "user", content: "weather?" },
      { role: "assistant", content: "Looking.", tool_calls: [{ id: "a" }, { id: "b" }] },
      { role: "tool", tool_call_id: "a", content: "sunny" },
      { role: "tool", tool_call_id: "b", content: "no data" },
      { role: "user", content: "hurry" },
    ]);
  });

  it("RN2: an unknown tool, arguments that do not fit and cut JSON come through as they are: the engine tells the model", async () => {
    server.reply(
      callTools(
        { name: "missing", arguments: "{}" },
        { name: "weather", arguments: '{"city":7}' },
        { name: "weather", arguments: '{"city":"Os' },
      ),
    );
    const parts = await collect(modelOf().step(request()));
    expect(
      parts.flatMap((part) => (part.type === "tool_call" ? [[part.call.tool, part.call.arguments]] : [])),
    ).toEqual([
      ["missing", {}],
      ["weather", { city: 7 }],
      ["weather", '{"city":"Os'],
    ]);
    expect(parts.at(-1)?.type).toBe("end");
  });

  it("RN2: call ids that a server uses again are made unique in the run", async () => {
    server.reply(callTools({ id: "call_0", name: "weather", arguments: "{}" }));
    const transcript: TranscriptEntry[] = [
      { role: "user", text: "weather?" },
      { role: "agent", text: "", toolCalls: [{ callId: "call_0", tool: "weather", arguments: {} }] },
      { role: "tool", callId: "call_0", tool: "weather", ok: true, result: "sunny" },
    ];
    const parts = await collect(modelOf().step(request(transcript)));
    const ids = parts.flatMap((part) => (part.type === "tool_call" ? [part.call.callId] : []));
    expect(ids).toHaveLength(1);
    expect(ids[0]).not.toBe("call_0");
  });

  it("RN3: text that a crash cut off goes back with the request to go on right there", async () => {
    server.reply(say("me."));
    const transcript: TranscriptEntry[] = [
      { role: "user", text: "tell" },
      { role: "agent", text: "Once upon a ti", toolCalls: [], interrupted: true },
    ];
    await collect(modelOf().step(request(transcript)));
    expect(server.requests[0]?.body.messages.slice(1)).toMatchObject([
      { role: "user", content: "tell" },
      { role: "assistant", content: "Once upon a ti" },
      { role: "user", content: expect.stringContaining("exactly where it stops") },
    ]);
  });

  it("RN2: a cancel reaches the provider: its server sees the connection close", async () => {
    server.reply((response) => {
      openStream(response);
      send(response, chunk({ content: "Once " }));
    });
    const coming = server.nextRequest();
    const abort = new AbortController();
    const parts = modelOf()
      .step(request(undefined, { signal: abort.signal }))
      [Symbol.asyncIterator]();
    expect((await parts.next()).value).toEqual({ type: "text", text: "Once " });
    abort.abort();
    await (await coming).dropped;
    await expect(parts.next()).rejects.toBeInstanceOf(ModelError);
  });

  it("RN2: a cancel reaches a provider that has not answered at all", async () => {
    server.reply(() => undefined);
    const coming = server.nextRequest();
    const abort = new AbortController();
    const failed = failureOf(modelOf().step(request(undefined, { signal: abort.signal })));
    const received = await coming;
    abort.abort();
    await received.dropped;
    expect((await failed).shown).toEqual([]);
  });

  it("RN2: a reader that goes away closes the connection too", async () => {
    server.reply((response) => {
      openStream(response);
      send(response, chunk({ content: "Once " }));
    });
    const coming = server.nextRequest();
    const abort = new AbortController();
    for await (const part of modelOf().step(request(undefined, { signal: abort.signal }))) {
      expect(part.type).toBe("text");
      abort.abort();
      break;
    }
    await (await coming).dropped;
  });

  it("RN2: a slow drip arrives piece by piece", async () => {
    const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()] as const;
    server.reply(async (response) => {
      openStream(response);
      send(response, chunk({ content: "a" }));
      await gates[0].promise;
      send(response, chunk({ content: "b" }));
      await gates[1].promise;
      finish(response);
    });
    const parts = modelOf().step(request())[Symbol.asyncIterator]();
    expect((await parts.next()).value).toEqual({ type: "text", text: "a" });
    gates[0].resolve();
    expect((await parts.next()).value).toEqual({ type: "text", text: "b" });
    gates[1].resolve();
    expect((await parts.next()).value).toMatchObject({ type: "end" });
  });

  it.each([
    [401, { error: { message: `Incorrect API key provided: ${apiKey}` } }, "model_refused"],
    [403, {}, "model_refused"],
    [404, { error: { message: "no such model" } }, "model_refused"],
    [400, { error: { message: "too long" } }, "model_refused"],
    [
      429,
      { error: { message: "You exceeded your current quota", code: "insufficient_quota" } },
      "model_refused",
    ],
    [429, { error: { message: "slow down" } }, "model_error"],
    [500, "oops", "model_error"],
    [503, {}, "model_error"],
  ] as const)(
    "RN2: HTTP %i (%j) is %s, in words for a person and without the key",
    async (status, body, code) => {
      server.reply(refuse(status, body));
      const { error } = await failureOf(modelOf().step(request()));
      expect(error.code).toBe(code);
      expect(error.message).toContain(`HTTP ${status}`);
      expect(
        `${error.message} ${error.cause} ${JSON.stringify(error)} ${JSON.stringify(error.cause)}`,
      ).not.toContain(apiKey);
    },
  );

  it("RN2: a fault before the first part is tried again; the answer is as if it had not been", async () => {
    server.reply(
      refuse(503, {}, { "retry-after-ms": "1" }),
      refuse(500, {}, { "retry-after-ms": "1" }),
      say("Here."),
    );
    const parts = await collect(modelOf({ retries: 2 }).step(request()));
    expect(parts[0]).toEqual({ type: "text", text: "Here." });
    expect(server.requests).toHaveLength(3);
  });

  it("RN2: a server that is not there is model_error", async () => {
    await server.stop();
    const { error } = await failureOf(modelOf().step(request()));
    expect(error.code).toBe("model_error");
    server = await startProvider();
  });

  it("RN2: a connection that drops in the middle is model_error; what came before stands", async () => {
    server.reply((response) => {
      openStream(response);
      send(response, chunk({ content: "Once " }));
      setImmediate(() => response.destroy());
    });
    const { shown, error } = await failureOf(modelOf().step(request()));
    expect(shown).toEqual([{ type: "text", text: "Once " }]);
    expect(error.code).toBe("model_error");
  });

  it("RN2: a stream that ends without saying why is model_error, not a whole answer", async () => {
    server.reply((response) => {
      openStream(response);
      send(response, chunk({ content: "Once " }));
      response.end();
    });
    const { shown, error } = await failureOf(modelOf().step(request()));
    expect(shown).toEqual([{ type: "text", text: "Once " }]);
    expect(error.code).toBe("model_error");
  });

  it.each([
    ["JSON that is none", "text/event-stream", "data: {not json\n\n"],
    ["JSON of another kind", "text/event-stream", 'data: {"choices":"none"}\n\n'],
    ["a page in HTML", "text/html", "<h1>Hi</h1>"],
    ["nothing", "text/event-stream", ""],
  ])("RN2: %s is model_garbage", async (_what, type, body) => {
    server.reply((response) => {
      response.writeHead(200, { "content-type": type });
      response.end(body);
    });
    const { error } = await failureOf(modelOf().step(request()));
    expect(error.code).toBe("model_garbage");
  });

  it("RN2: an error inside the stream is a failure, not an answer", async () => {
    server.reply((response) => {
      openStream(response);
      send(response, { error: { message: "overloaded", type: "server_error", code: null, param: null } });
      response.end();
    });
    const { error } = await failureOf(modelOf().step(request()));
    expect(error.code).toBe("model_error");
  });

  it("RN2: an answer that the provider filtered is model_refused", async () => {
    server.reply((response) => {
      openStream(response);
      finish(response, "content_filter");
    });
    expect((await failureOf(modelOf().step(request()))).error.code).toBe("model_refused");
  });
});

describe("the settings of a model", () => {
  it("RN2: name OpenAI and Anthropic models by provider", () => {
    expect(createModel({ provider: "openai", model: "gpt-5", apiKey }).id).toBe("openai/gpt-5");
    expect(createModel({ provider: "anthropic", model: "claude-sonnet-4-5", apiKey }).id).toBe(
      "anthropic/claude-sonnet-4-5",
    );
  });

  it("RN2: list every mistake, and never the key", () => {
    const wrong = {
      provider: "openai-compatible",
      model: "",
      baseUrl: "file:///etc/passwd",
      apiKey,
      retries: -1,
      colour: "red",
    };
    try {
      createModel(wrong as never);
      expect.unreachable();
    } catch (error) {
      const paths = (error as z.ZodError).issues.map((issue) => issue.path.join("."));
      expect(paths).toEqual(expect.arrayContaining(["model", "baseUrl", "retries"]));
      expect(String(error)).not.toContain(apiKey);
    }
  });
});
