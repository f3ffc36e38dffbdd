/** What a client of the HTTP side can do wrong, and what a page of elsewhere may do. */
import { errorBodySchema } from "@trueline/protocol";
import { expect, it } from "vitest";
import { openGateway } from "./support/gateway.ts";

const deep = `{"title":${"[".repeat(50_000)}${"]".repeat(50_000)}}`;

it("AU4: every wrong request gets the one error body, with a code and a sentence that names what is wrong", async () => {
  const { call, login } = await openGateway();
  const token = (await login()).accessToken;
  const wrong = [
    ["/v1/nothing", {}, 404, "not_found", /no such route/],
    ["/nothing", {}, 404, "not_found", /no such route/],
    ["/v1/threads", { method: "PUT" }, 405, "method_not_allowed", /PUT/],
    ["/v1/runs/run_x/cancel", {}, 405, "method_not_allowed", /GET/],
    ["/v1/ws", {}, 400, "invalid_request", /WebSocket/],
    ["/v1/threads", { text: "{" }, 400, "invalid_request", /not JSON/],
    ["/v1/threads", { text: deep }, 400, "invalid_request", /deeper than 32/],
    ["/v1/threads", { text: `{"title":"${"x".repeat(300_000)}"}` }, 413, "payload_too_large", /larger/],
    [
      "/v1/threads",
      { text: "title=x", headers: { "content-type": "text/plain" } },
      400,
      "invalid_request",
      /application\/json/,
    ],
    ["/v1/threads", { body: { title: 5, extra: 1 } }, 400, "invalid_request", /title: .*extra/s],
    ["/v1/threads/new/messages", { method: "POST" }, 400, "invalid_request", /body is missing/],
    ["/v1/threads/new/messages", { body: { id: "m" } }, 400, "invalid_request", /text/],
    ["/v1/events", { headers: { "last-event-id": "nonsense" } }, 400, "invalid_request", /Last-Event-ID/],
    ["/v1/threads/%E0%A4%A", {}, 400, "invalid_request", /URL/],
  ] as const;
  for (const [path, options, status, code, message] of wrong) {
    const answer = await call(path, { token, ...options });
    const { error } = errorBodySchema.parse(answer.body);
    expect([path, answer.status, error.code]).toEqual([path, status, code]);
    expect(error.message).toMatch(message);
  }
});

it("AU4: where no body is wanted an empty one of any type is none; where one is, it is missing", async () => {
  const { call, login } = await openGateway();
  const token = (await login()).accessToken;
  const empty = { token, method: "POST", text: "", headers: { "content-type": "text/plain" } };
  expect((await call("/v1/auth/ticket", empty)).status).toBe(200);
  expect((await call("/v1/threads", empty)).status).toBe(201);
  expect((await call("/v1/runs/run_x/cancel", empty)).body.error.code).toBe("not_found");
  const missing = await call("/v1/threads/new/messages", empty);
  expect([missing.status, missing.body.error.message]).toEqual([
    400,
    expect.stringMatching(/body is missing/),
  ]);
});

it("AU4: 405 names the methods that there are", async () => {
  const { call } = await openGateway();
  expect((await call("/v1/threads", { method: "DELETE" })).headers.get("allow")).toBe("GET, POST, OPTIONS");
});

it("AU4: a request that is refused for its rate says when to come again", async () => {
  const { call, login } = await openGateway({ limits: { messagesPerMinute: 1 } });
  const token = (await login()).accessToken;
  await call("/v1/threads/new/messages", { token, body: { id: "m-1", text: "What is 6*7?" } });
  const refused = await call("/v1/threads/new/messages", {
    token,
    body: { id: "m-2", text: "What is 7*7?" },
  });
  expect([refused.status, refused.body.error.code]).toEqual([429, "rate_limited"]);
  expect(refused.body.error.retryAfterMs).toBeGreaterThan(0);
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
});

it("AU4: messages of one address are counted over HTTP and WebSocket together, threads per user", async () => {
  const access = { messagesPerAddress: 1, threadsPerUser: 1 };
  const { call, login, connect } = await openGateway({ access });
  const token = (await login()).accessToken;
  const body = { id: "m-1", text: "What is 6*7?" };
  expect((await call("/v1/threads/new/messages", { token, body })).status).toBe(202);
  const tab = await connect(token);
  tab.send({ type: "send", id: "m-2", text: "What is 7*7?" });
  expect(await tab.next("refused", "ack")).toMatchObject({ id: "m-2", code: "rate_limited" });
  expect((await call("/v1/threads", { token, body: {} })).status).toBe(201);
  expect((await call("/v1/threads", { token, body: {} })).body.error.code).toBe("rate_limited");
});

it("AU2: pages of other origins may not call, listed ones may, and preflights say how", async () => {
  const { call, url } = await openGateway({ origins: ["https://app.example"] });
  const from = (origin: string) => ({ headers: { origin } });
  const foreign = await call("/v1/info", from("https://evil.example"));
  expect([foreign.status, foreign.body.error.code]).toEqual([403, "origin_not_allowed"]);
  expect(foreign.headers.get("access-control-allow-origin")).toBeNull();
  expect((await call("/v1/info", from(url))).status).toBe(200);
  const listed = await call("/v1/info", from("https://app.example"));
  expect(listed.headers.get("access-control-allow-origin")).toBe("https://app.example");

  const preflight = await call("/v1/threads", {
    method: "OPTIONS",
    headers: { origin: "https://app.example", "access-control-request-method": "POST" },
  });
  expect(preflight.status).toBe(204);
  expect(preflight.headers.get("access-control-allow-methods")).toContain("POST");
  expect(preflight.headers.get("access-control-allow-headers")).toContain("authorization");
});

it("AU4: answers carry security headers and a request id, the caller's own if it is one", async () => {
  const { call } = await openGateway();
  const { headers } = await call("/v1/nothing", { headers: { "x-request-id": "mine-1" } });
  expect(headers.get("x-request-id")).toBe("mine-1");
  expect(headers.get("content-security-policy")).toContain("default-src 'self'");
  expect(headers.get("x-content-type-options")).toBe("nosniff");
  const other = await call("/v1/nothing", { headers: { "x-request-id": "not <one>" } });
  expect(other.headers.get("x-request-id")).toMatch(/^[\w-]{36}$/);
});
