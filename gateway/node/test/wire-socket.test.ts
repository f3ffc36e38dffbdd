/** The second table of the wire contract, row by row, over a real socket. */
import { eventSchema, serverFrames, type ThreadResponse } from "@trueline/protocol";
import { expect, it } from "vitest";
import { openGateway } from "./support/gateway.ts";
import { handAgent } from "./support/hand-agent.ts";
import type { Frame } from "./support/test-socket.ts";

const hello = { type: "hello", client: { name: "test", version: "1" } };

it("RS1: hello without a position is welcomed live, with the user, the head and the limits", async () => {
  const { login, socket } = await openGateway();
  const session = await login();
  const tab = await socket(session.accessToken);
  expect(tab.ws.protocol).toBe("trueline.v1");
  tab.send(hello);
  const welcome = serverFrames.welcome.parse(await tab.next());
  expect(welcome).toMatchObject({ user: session.user, position: { seq: 0 }, resumed: "live" });
  expect(welcome.limits).toMatchObject({ maxFrameBytes: 262_144, connections: 10 });
});

it("EV2, EV3: send is acknowledged, and the run's events come in order, each as its schema says", async () => {
  const { login, connect } = await openGateway();
  const tab = await connect((await login()).accessToken);
  tab.send({ type: "send", id: "m-1", text: "What is 6*7?" });
  const ack = serverFrames.ack.parse(await tab.next("ack"));
  await tab.next("agent_completed");

  const events = tab.frames.filter((frame) => "seq" in frame).map((frame) => eventSchema.parse(frame));
  let seq = 0;
  for (const event of events) {
    expect("firstSeq" in event && event.firstSeq !== undefined ? event.firstSeq : event.seq).toBe(seq + 1);
    seq = event.seq;
  }
  const ofRun = events.filter(({ runId }) => runId === ack.runId).map(({ type }) => type);
  expect(ofRun.slice(0, 2)).toEqual(["message_accepted", "agent_started"]);
  expect(ofRun.filter((type) => type.startsWith("tool_"))).toEqual(["tool_executing", "tool_completed"]);
  expect(ofRun.at(-1)).toBe("agent_completed");
  expect(events.find(({ type }) => type === "agent_completed")?.data).toMatchObject({
    text: expect.stringContaining("42"),
  });
});

it("RS5: the same message on another connection gives the same answer and no second run", async () => {
  const { login, connect } = await openGateway();
  const { accessToken } = await login();
  const [one, two] = [await connect(accessToken), await connect(accessToken)];
  one.send({ type: "send", id: "m-1", text: "What is 6*7?" });
  const ack = await one.next("ack");
  two.send({ type: "send", id: "m-1", text: "What is 6*7?" });
  expect(await two.next("ack")).toEqual(ack);
  await two.next("agent_completed");
  expect(two.frames.filter(({ type }) => type === "agent_started")).toHaveLength(1);
});

it("RS7: cancel from another device is acknowledged and attributed to it", async () => {
  const { agent, step } = handAgent();
  const { login, connect } = await openGateway({ agents: [agent] });
  const { accessToken } = await login();
  const [one, two] = [await connect(accessToken), await connect(accessToken)];
  one.send({ type: "send", id: "m-1", text: "Go" });
  const { runId } = await one.next("ack");
  const { signal } = await step();
  two.send({ type: "cancel", id: "c-1", runId });
  expect(await two.next("ack")).toMatchObject({ id: "c-1", runId });
  const cancelled = await one.next("agent_cancelled");
  const { connectionId } = two.came("welcome");
  expect(cancelled.data.connectionId).toBe(connectionId);
  expect(signal.aborted).toBe(true);
});

it("MG4: what cannot be done is refused by its id, with a code and a sentence", async () => {
  const { login, connect } = await openGateway();
  const tab = await connect((await login()).accessToken);
  const attempts = [
    [{ type: "send", id: "a", text: "x", agent: "nobody" }, "unknown_agent"],
    [{ type: "send", id: "b", text: "x", threadId: "thr_none" }, "not_found"],
    [{ type: "send", id: "c", text: "x".repeat(100_001) }, "invalid_request"],
    [{ type: "send", id: "d", text: "x", surprise: 1 }, "invalid_request"],
    [{ type: "cancel", id: "e", runId: "run_none" }, "not_found"],
  ] as const;
  for (const [frame, code] of attempts) {
    tab.send(frame);
    expect(serverFrames.refused.parse(await tab.next("refused", "ack"))).toMatchObject({
      id: frame.id,
      code,
    });
  }
});

it("AU4: ping is answered with its own value", async () => {
  const { login, connect } = await openGateway();
  const tab = await connect((await login()).accessToken);
  tab.send({ type: "ping", t: { any: [1, "two"] } });
  expect(await tab.next("pong")).toEqual({ type: "pong", t: { any: [1, "two"] } });
});

it("RS1: a position gets exactly the events after it, then live ones", async () => {
  const { login, connect, socket } = await openGateway();
  const { accessToken } = await login();
  const one = await connect(accessToken);
  one.send({ type: "send", id: "m-1", text: "What is 6*7?" });
  await one.next("agent_completed");
  const { position } = one.came("welcome");

  const two = await socket(accessToken);
  two.send({ ...hello, position });
  expect(await two.next("welcome")).toMatchObject({ position, resumed: "replayed" });
  await two.next("agent_completed");
  const told = (frames: readonly Frame[]) =>
    frames
      .filter((frame) => "seq" in frame && frame.type !== "text_delta")
      .map(({ seq, type }) => [seq, type]);
  expect(told(two.frames)).toEqual(told(one.frames));

  one.send({ type: "send", id: "m-2", text: "And 7*7?" });
  await two.next("agent_completed");
  await one.next("agent_completed");
  expect(told(two.frames)).toEqual(told(one.frames));
});

it("RS2: a position that cannot be served gets a reset with the reason, and the snapshot is at its position", async () => {
  const { login, connect, socket, call } = await openGateway();
  const { accessToken } = await login();
  const one = await connect(accessToken);
  one.send({ type: "send", id: "m-1", text: "What is 6*7?" });
  const { threadId } = await one.next("ack");
  const last = await one.next("agent_completed");
  for (const [position, reason] of [
    [{ epoch: "another", seq: 1 }, "other_epoch"],
    [{ epoch: one.came("welcome").position.epoch, seq: 10_000 }, "unknown_position"],
  ] as const) {
    const tab = await socket(accessToken);
    tab.send({ ...hello, position });
    expect(await tab.next("welcome")).toMatchObject({ resumed: "reset", position: { seq: last.seq } });
    expect(serverFrames.reset.parse(await tab.next("reset"))).toMatchObject({
      reason,
      position: { seq: last.seq },
    });
  }
  const snapshot = (await call<ThreadResponse>(`/v1/threads/${threadId}`, { token: accessToken })).body;
  expect(snapshot.position.seq).toBe(last.seq);
  expect(snapshot.messages.map(({ role }) => role)).toEqual(["user", "agent"]);
});

it("EV3: gathered events come as arrays and merged deltas; `gather: false` gets one event a frame", async () => {
  const { agent, step } = handAgent();
  const { login, connect } = await openGateway({ agents: [agent] });
  const { accessToken } = await login();
  const [gathered, plain] = [await connect(accessToken), await connect(accessToken, { gather: false })];
  gathered.send({ type: "send", id: "m-1", text: "Go" });
  const answer = await step();
  for (let piece = 0; piece < 200; piece++) answer.text(`${piece} `);
  answer.end();
  await Promise.all([gathered.next("agent_completed"), plain.next("agent_completed")]);

  expect(plain.texts.some((text) => text.startsWith("["))).toBe(false);
  expect(plain.frames.some((frame) => "firstSeq" in frame)).toBe(false);
  expect(plain.frames.filter(({ type }) => type === "text_delta")).toHaveLength(200);
  expect(gathered.frames.some(({ firstSeq, seq }) => firstSeq < seq)).toBe(true);
  const textOf = (frames: readonly Frame[]) =>
    frames
      .filter(({ type }) => type === "text_delta")
      .map(({ data }) => data.text)
      .join("");
  expect(textOf(gathered.frames)).toBe(textOf(plain.frames));
});
