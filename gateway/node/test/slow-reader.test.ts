/** A reader that stops reading falls behind in the log, and costs neither memory nor anybody else's time (BP1). */
import { once } from "node:events";
import { get } from "node:http";
import { expect, it } from "vitest";
import { bob } from "./support/gateway.ts";
import { handAgent } from "./support/hand-agent.ts";
import { openVisible, tcpOf } from "./support/visible.ts";

const kilobyte = "x".repeat(1024);
/** Far more than the two ends of a loopback connection buffer. */
const pieces = 24 * 1024;

const slowReaders = async (call: (path: string) => Promise<{ body: unknown }>): Promise<number> =>
  Number(/^trueline_slow_readers (\d+)$/m.exec(String((await call("/metrics")).body))?.[1]);

it("BP1: memory stays bounded while a reader stalls, others are served, and it is told when it falls off the end", async () => {
  const { agent, step } = handAgent();
  const { gateway, endOf, call, login, connect } = await openVisible({
    agents: [agent],
    limits: { replayEvents: 1000 },
  });
  const hers = (await login()).accessToken;
  const stalled = await connect(hers);
  const reading = await connect(hers);
  const other = await connect((await login(bob)).accessToken);

  tcpOf(stalled).pause();
  reading.send({ type: "send", id: "m-1", text: "Go" });
  const answer = await step();
  const served = endOf(tcpOf(stalled));
  let most = 0;
  reading.ws.on("message", () => {
    most = Math.max(most, served.writableLength);
  });
  for (let piece = 0; piece < pieces; piece++) {
    answer.text(kilobyte);
    if (piece % 512 !== 0) continue;
    // Others are answered all the while.
    other.send({ type: "ping", t: piece });
    await other.next("pong");
  }
  answer.end();
  const completed = await reading.next("agent_completed");
  expect(await slowReaders(call)).toBe(1);
  expect((await gateway.counts()).connections).toBe(3);
  // What waits in the process is what a socket holds and a frame or two, not the 24 MiB that were not read.
  expect(most).toBeGreaterThan(0);
  expect(most).toBeLessThan(1024 * 1024);

  tcpOf(stalled).resume();
  const last = await stalled.next("agent_completed", "reset");
  if (last.type === "reset")
    expect(last).toMatchObject({ reason: "fell_behind", position: { seq: completed.seq } });
  else expect(last).toEqual(completed);
  let seq = 0;
  for (const frame of stalled.frames.filter((each) => "seq" in each)) {
    expect(frame.firstSeq ?? frame.seq).toBe(seq + 1);
    seq = frame.seq;
  }
  expect(await slowReaders(call)).toBe(0);
});

it("BP1: a client that asks without reading the answers is not read any more", async () => {
  const { endOf, login, connect } = await openVisible({ limits: { framesPerSecond: 0 } });
  const { accessToken } = await login();
  const [flood, other] = [await connect(accessToken), await connect(accessToken)];
  tcpOf(flood).pause();
  const t = "x".repeat(100_000);
  for (let count = 0; count < 300; count++) flood.send({ type: "ping", t });
  // Time enough for all of it, if the server took it.
  for (let count = 0; count < 300; count++) {
    other.send({ type: "ping", t: count });
    expect(await other.next("pong")).toMatchObject({ t: count });
  }
  expect(endOf(tcpOf(flood)).writableLength).toBeLessThan(1024 * 1024);
  // The rest of what it sent waits on its own side.
  expect(flood.ws.bufferedAmount).toBeGreaterThan(5_000_000);
  tcpOf(flood).resume();
  for (let count = 0; count < 300; count++) await flood.next("pong");
});

it("BP1: a stream of server-sent events whose reader stalls holds no more than its socket does", async () => {
  const { agent, step } = handAgent();
  const { url, endOf, login, connect } = await openVisible({ agents: [agent] });
  const { accessToken } = await login();
  const request = get(`${url}/v1/events`, { headers: { authorization: `Bearer ${accessToken}` } });
  const [response] = await once(request, "response");
  response.socket.pause();
  const tab = await connect(accessToken);
  const served = endOf(response.socket);
  let most = 0;
  tab.ws.on("message", () => {
    most = Math.max(most, served.writableLength);
  });
  tab.send({ type: "send", id: "m-1", text: "Go" });
  const answer = await step();
  for (let piece = 0; piece < pieces; piece++) answer.text(kilobyte);
  answer.end();
  await tab.next("agent_completed");
  expect(most).toBeGreaterThan(0);
  expect(most).toBeLessThan(1024 * 1024);
  request.destroy();
});
