/** The first table of the wire contract, row by row, over a real socket. */
import {
  agentListResponseSchema,
  errorBodySchema,
  runViewSchema,
  sendResponseSchema,
  sessionResponseSchema,
  type ThreadListResponse,
  type ThreadResponse,
  threadListResponseSchema,
  threadResponseSchema,
  ticketResponseSchema,
} from "@trueline/protocol";
import { expect, it } from "vitest";
import { ada, bob, openGateway } from "./support/gateway.ts";
import { handAgent } from "./support/hand-agent.ts";

it("AU1: login gives tokens and the user, refresh gives new ones, logout ends the session", async () => {
  const { call } = await openGateway();
  const login = await call("/v1/auth/login", { body: ada });
  expect(login.status).toBe(200);
  const session = sessionResponseSchema.parse(login.body);
  expect(session.user).toMatchObject({ email: ada.email, name: "Ada", role: "administrator" });

  const refreshed = await call("/v1/auth/refresh", { body: { refreshToken: session.refreshToken } });
  expect(refreshed.status).toBe(200);
  const { accessToken } = sessionResponseSchema.parse(refreshed.body);

  expect((await call("/v1/auth/logout", { token: accessToken, method: "POST" })).status).toBe(204);
  expect((await call("/v1/threads", { token: accessToken })).status).toBe(401);
});

it("AU2: a ticket is given for a bearer", async () => {
  const { call, login } = await openGateway();
  const { accessToken } = await login();
  const answer = await call("/v1/auth/ticket", { token: accessToken, method: "POST" });
  expect(answer.status).toBe(200);
  expect(ticketResponseSchema.parse(answer.body).expiresIn).toBe(30);
});

it("RS2: threads are made, listed, read, renamed and deleted, each with the position it is true at", async () => {
  const { call, login } = await openGateway();
  const token = (await login()).accessToken;
  const made = await call<ThreadResponse>("/v1/threads", { token, body: { title: "First" } });
  expect(made.status).toBe(201);
  const thread = threadResponseSchema.parse(made.body);
  expect(thread).toMatchObject({ title: "First", messages: [], openRuns: [] });
  expect(thread.position.seq).toBe(1);

  const path = `/v1/threads/${thread.id}`;
  const renamed = await call(path, { token, method: "PATCH", body: { title: "Second" } });
  expect(threadResponseSchema.parse(renamed.body).title).toBe("Second");
  expect(threadResponseSchema.parse((await call(path, { token })).body)).toMatchObject({
    title: "Second",
    position: { seq: 2 },
  });
  const list = threadListResponseSchema.parse(
    (await call<ThreadListResponse>("/v1/threads", { token })).body,
  );
  expect(list.threads.map(({ title }) => title)).toEqual(["Second"]);

  expect((await call(path, { token, method: "DELETE" })).status).toBe(204);
  expect((await call(path, { token })).status).toBe(404);
});

it("RS5: a message sent over HTTP is accepted once, however often it comes", async () => {
  const { call, login } = await openGateway();
  const token = (await login()).accessToken;
  const message = { id: "m-1", text: "What is 6*7?" };
  const first = await call("/v1/threads/new/messages", { token, body: message });
  expect(first.status).toBe(202);
  const sent = sendResponseSchema.parse(first.body);
  const again = await call("/v1/threads/new/messages", { token, body: message });
  expect([again.status, again.body]).toEqual([202, sent]);
  const other = await call("/v1/threads/new/messages", { token, body: { ...message, text: "another" } });
  expect([other.status, other.body.error.code]).toEqual([409, "id_reused"]);
});

it("RS7: a run is read and cancelled over HTTP", async () => {
  const { agent, step } = handAgent();
  const { call, login, connect } = await openGateway({ agents: [agent] });
  const token = (await login()).accessToken;
  const tab = await connect(token);
  const sent = await call("/v1/threads/new/messages", {
    token,
    body: { id: "m-1", text: "Go", agent: "by-hand" },
  });
  const { runId } = sendResponseSchema.parse(sent.body);
  await step();
  expect(runViewSchema.parse((await call(`/v1/runs/${runId}`, { token })).body).state).toBe("running");

  const cancelled = await call(`/v1/runs/${runId}/cancel`, { token, method: "POST" });
  expect(cancelled.status).toBe(200);
  expect(runViewSchema.parse(cancelled.body)).toMatchObject({ id: runId, state: "cancelled" });
  expect(await tab.next("agent_cancelled")).toMatchObject({ runId, data: { connectionId: null } });
  expect(runViewSchema.parse((await call(`/v1/runs/${runId}`, { token })).body).state).toBe("cancelled");
  const again = await call(`/v1/runs/${runId}/cancel`, { token, method: "POST" });
  expect([again.status, again.body]).toEqual([200, cancelled.body]);
});

it("RN1: the registered agents are listed, the default first", async () => {
  const { call, login } = await openGateway();
  const answer = await call("/v1/agents", { token: (await login()).accessToken });
  const { agents } = agentListResponseSchema.parse(answer.body);
  expect(agents[0]).toMatchObject({ name: "offline", default: true });
});

it("IS2: a foreign thread and run read exactly as ones that do not exist", async () => {
  const { call, login } = await openGateway();
  const [hers, his] = [(await login(ada)).accessToken, (await login(bob)).accessToken];
  const sent = await call("/v1/threads/new/messages", {
    token: hers,
    body: { id: "m-1", text: "What is 6*7?" },
  });
  const { threadId, runId } = sendResponseSchema.parse(sent.body);
  const attempts = (thread: string, run: string) => [
    ["GET", `/v1/threads/${thread}`],
    ["PATCH", `/v1/threads/${thread}`, { title: "mine" }],
    ["DELETE", `/v1/threads/${thread}`],
    ["POST", `/v1/threads/${thread}/messages`, { id: `to-${thread}`, text: "hello" }],
    ["GET", `/v1/runs/${run}`],
    ["POST", `/v1/runs/${run}/cancel`],
  ];
  const answers = async (thread: string, run: string) => {
    const all = [];
    for (const [method, path, body] of attempts(thread, run)) {
      const answer = await call(String(path), {
        token: his,
        method: String(method),
        ...(body ? { body } : {}),
      });
      all.push([method, answer.status, answer.body]);
    }
    return all;
  };
  const foreign = await answers(threadId, runId);
  expect(foreign).toEqual(await answers("thr_AAAAAAAAAAAAAAAAAAAAAA", "run_AAAAAAAAAAAAAAAAAAAAAA"));
  expect(foreign.every(([, status]) => status === 404)).toBe(true);
  expect(await answers("a".repeat(120), "a".repeat(120))).toEqual(foreign);
});

it("AU1: without a bearer, or with a bad one, every route of a user says 401", async () => {
  const { call } = await openGateway();
  const routes = [
    "/v1/threads",
    "/v1/threads/thr_x",
    "/v1/runs/run_x",
    "/v1/agents",
    "/v1/events",
    "/v1/admin/overview",
  ];
  for (const path of routes) {
    for (const options of [{}, { token: "nonsense" }]) {
      const answer = await call(path, options);
      expect([path, answer.status, errorBodySchema.parse(answer.body).error.code]).toEqual([
        path,
        401,
        "unauthorized",
      ]);
    }
  }
});
