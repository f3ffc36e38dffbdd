import { createModel } from "@trueline/agents";
import { ModelError, type TranscriptEntry } from "@trueline/server";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { z } from "zod";
import { apiKey, collect, failureOf, modelOf, request } from "./support/provider-model.ts";
import {
  callTools,
  chunk,
  finish,
  openStream,
  type ProviderServer,
  say,
  send,
  startProvider,
} from "./support/provider-server.ts";

let server: ProviderServer;
beforeEach(async () => {
  server = await startProvider();
});
afterEach(() => server.stop());

describe("a model behind an OpenAI-compatible server", () => {
  it("RN2: streams its text, and says what it cost", async () => {
    server.reply(say("Good ", "day"));
    const model = modelOf(server, { price: { input: 2, output: 10 } });
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
    const parts = await collect(modelOf(server).step(request()));
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
    const parts = await collect(modelOf(server).step(request()));
    const calls = parts.flatMap((part) => (part.type === "tool_call" ? [part.call] : []));
    expect(calls).toEqual([
      { callId: "a", tool: "weather", arguments: { city: "Oslo" } },
      { callId: "b", tool: "weather", arguments: { city: "Rome" } },
    ]);
    server.reply(say("Sunny."));
    await collect(
      modelOf(server).step(
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
    const parts = await collect(modelOf(server).step(request()));
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
    const parts = await collect(modelOf(server).step(request(transcript)));
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
    await collect(modelOf(server).step(request(transcript)));
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
    const parts = modelOf(server)
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
    const failed = failureOf(modelOf(server).step(request(undefined, { signal: abort.signal })));
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
    for await (const part of modelOf(server).step(request(undefined, { signal: abort.signal }))) {
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
    const parts = modelOf(server).step(request())[Symbol.asyncIterator]();
    expect((await parts.next()).value).toEqual({ type: "text", text: "a" });
    gates[0].resolve();
    expect((await parts.next()).value).toEqual({ type: "text", text: "b" });
    gates[1].resolve();
    expect((await parts.next()).value).toMatchObject({ type: "end" });
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
