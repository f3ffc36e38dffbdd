/** The same log for clients without WebSocket. */
import { eventSchema, parsePosition } from "@trueline/protocol";
import { expect, it } from "vitest";
import { openEvents } from "./support/event-source.ts";
import { bob, openGateway } from "./support/gateway.ts";
import { handAgent } from "./support/hand-agent.ts";

it("RS1: server-sent events carry the log with its positions, and go on after the last one seen", async () => {
  const { url, call, login } = await openGateway();
  const token = (await login()).accessToken;
  const send = (id: string, text: string) => call("/v1/threads/new/messages", { token, body: { id, text } });

  const first = await openEvents(url, token);
  expect([first.status, first.headers.get("content-type")]).toEqual([
    200,
    "text/event-stream; charset=utf-8",
  ]);
  await send("m-1", "What is 6*7?");
  const accepted = await first.next("message_accepted");
  await first.next("agent_completed");
  for (const { id, frame } of first.entries) {
    expect(parsePosition(id ?? "")?.seq).toBe(eventSchema.parse(frame).seq);
  }
  first.leave();

  const second = await openEvents(url, token, accepted.id);
  await second.next("agent_completed");
  expect(second.entries.at(0)?.frame.seq).toBe(accepted.frame.seq + 1);
  await send("m-2", "What is 7*7?");
  await second.next("agent_completed");
  let seq = accepted.frame.seq;
  for (const { frame } of second.entries) {
    expect(frame.firstSeq ?? frame.seq).toBe(seq + 1);
    seq = frame.seq;
  }
});

it("RS1: a stream that is cut off before its first event has said where to go on", async () => {
  const { url, call, login } = await openGateway();
  const token = (await login()).accessToken;
  await call("/v1/threads", { token, body: { title: "before" } });
  const leaving = new AbortController();
  const headers = { authorization: `Bearer ${token}` };
  const quiet = await fetch(`${url}/v1/events`, { headers, signal: leaving.signal });
  let text = "";
  for await (const chunk of quiet.body ?? []) {
    text += new TextDecoder().decode(chunk);
    if (/^id: .*\n\n/m.test(text)) break;
  }
  leaving.abort();
  await call("/v1/threads", { token, body: { title: "missed" } });
  const again = await openEvents(url, token, /^id: (.*)$/m.exec(text)?.[1]);
  expect((await again.next("thread_created")).frame.data.title).toBe("missed");
});

it("RS2: a position that cannot be served is answered with a reset that carries the new one", async () => {
  const { url, call, login } = await openGateway();
  const token = (await login()).accessToken;
  await call("/v1/threads", { token, body: { title: "one" } });
  const events = await openEvents(url, token, "another:1");
  const { id, frame } = await events.next("reset");
  expect(frame).toMatchObject({ reason: "other_epoch", position: { seq: 1 } });
  expect(id).toBe(`${frame.position.epoch}:1`);
});

it("MG5: streams count among the connections", async () => {
  const { url, login } = await openGateway({ limits: { connections: 1 } });
  const token = (await login()).accessToken;
  await openEvents(url, token);
  const second = await fetch(`${url}/v1/events`, { headers: { authorization: `Bearer ${token}` } });
  expect([second.status, (await second.json()).error.code]).toEqual([429, "connection_limit"]);
});

it("IS1: a stream carries its own user's events only", async () => {
  const { url, call, login } = await openGateway();
  const [hers, his] = [(await login()).accessToken, (await login(bob)).accessToken];
  const events = await openEvents(url, his);
  await call("/v1/threads", { token: hers, body: { title: "hers" } });
  await call("/v1/threads", { token: his, body: { title: "his" } });
  const { frame } = await events.next("thread_created");
  expect(frame.data.title).toBe("his");
  expect(events.entries).toHaveLength(1);
});

it("AU3: signing out ends the stream of that session", async () => {
  const { url, call, login } = await openGateway();
  const token = (await login()).accessToken;
  const events = await openEvents(url, token);
  await call("/v1/auth/logout", { token, method: "POST" });
  await events.ended;
  expect(events.entries).toEqual([]);
});

it("EV3: the text of an answer is whole, however its deltas were merged on the way", async () => {
  const { agent, step } = handAgent();
  const { url, call, login } = await openGateway({ agents: [agent] });
  const token = (await login()).accessToken;
  const events = await openEvents(url, token);
  await call("/v1/threads/new/messages", { token, body: { id: "m-1", text: "Go" } });
  const answer = await step();
  for (let piece = 0; piece < 100; piece++) answer.text(`${piece} `);
  answer.end();
  const { frame } = await events.next("agent_completed");
  const deltas = events.entries.filter((entry) => entry.frame.type === "text_delta");
  expect(deltas.map((entry) => entry.frame.data.text).join("")).toBe(frame.data.text);
});
