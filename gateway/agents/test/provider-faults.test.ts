import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { apiKey, collect, failureOf, modelOf, request } from "./support/provider-model.ts";
import {
  chunk,
  finish,
  openStream,
  type ProviderServer,
  refuse,
  say,
  send,
  startProvider,
} from "./support/provider-server.ts";

let server: ProviderServer;
beforeEach(async () => {
  server = await startProvider();
});
afterEach(() => server.stop());

describe("a provider that fails", () => {
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
      const { error } = await failureOf(modelOf(server).step(request()));
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
    const parts = await collect(modelOf(server, { retries: 2 }).step(request()));
    expect(parts[0]).toEqual({ type: "text", text: "Here." });
    expect(server.requests).toHaveLength(3);
  });

  it("RN2: a server that is not there is model_error", async () => {
    await server.stop();
    const { error } = await failureOf(modelOf(server).step(request()));
    expect(error.code).toBe("model_error");
    server = await startProvider();
  });

  it("RN2: a connection that drops in the middle is model_error; what came before stands", async () => {
    server.reply((response) => {
      openStream(response);
      send(response, chunk({ content: "Once " }));
      setImmediate(() => response.destroy());
    });
    const { shown, error } = await failureOf(modelOf(server).step(request()));
    expect(shown).toEqual([{ type: "text", text: "Once " }]);
    expect(error.code).toBe("model_error");
  });

  it("RN2: a stream that ends without saying why is model_error, not a whole answer", async () => {
    server.reply((response) => {
      openStream(response);
      send(response, chunk({ content: "Once " }));
      response.end();
    });
    const { shown, error } = await failureOf(modelOf(server).step(request()));
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
    const { error } = await failureOf(modelOf(server).step(request()));
    expect(error.code).toBe("model_garbage");
  });

  it("RN2: an error inside the stream is a failure, not an answer", async () => {
    server.reply((response) => {
      openStream(response);
      send(response, { error: { message: "overloaded", type: "server_error", code: null, param: null } });
      response.end();
    });
    const { error } = await failureOf(modelOf(server).step(request()));
    expect(error.code).toBe("model_error");
  });

  it("RN2: an answer that the provider filtered is model_refused", async () => {
    server.reply((response) => {
      openStream(response);
      finish(response, "content_filter");
    });
    expect((await failureOf(modelOf(server).step(request()))).error.code).toBe("model_refused");
  });
});
