/** A reader that stops reading falls behind in the log, and costs neither memory nor anybody else's time (BP1). */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { GatewayOptions } from "@trueline/gateway";
import { expect, it, onTestFinished } from "vitest";
import { bob, clientOf, openGateway } from "./support/gateway.ts";
import { handAgent } from "./support/hand-agent.ts";
import type { TestSocket } from "./support/test-socket.ts";

const tcpOf = (socket: TestSocket): Socket => (socket.ws as unknown as { _socket: Socket })._socket;
/** A gateway on a server of which the test sees the sockets. */
async function openVisible(options: Omit<GatewayOptions, "log">) {
  const { gateway } = await openGateway(options);
  const server = createServer();
  const sockets: Socket[] = [];
  server.on("connection", (socket) => sockets.push(socket));
  gateway.attach(server);
  onTestFinished(() => void server.close());
  await once(server.listen(0, "127.0.0.1"), "listening");
  /** Bytes that wait in this process for a client to take them. */
  const waitingFor = (client: TestSocket): number =>
    sockets.find(({ remotePort }) => remotePort === tcpOf(client).localPort)?.writableLength ?? 0;
  return { gateway, waitingFor, ...clientOf(`http://127.0.0.1:${(server.address() as AddressInfo).port}`) };
}

const kilobyte = "x".repeat(1024);
/** Far more than the two ends of a loopback connection buffer. */
const pieces = 24 * 1024;

const slowReaders = async (call: (path: string) => Promise<{ body: unknown }>): Promise<number> =>
  Number(/^trueline_slow_readers (\d+)$/m.exec(String((await call("/metrics")).body))?.[1]);

it("BP1: memory stays bounded while a reader stalls, others are served, and it is told when it falls off the end", async () => {
  const { agent, step } = handAgent();
  const { gateway, waitingFor, call, login, connect } = await openVisible({
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
  let most = 0;
  reading.ws.on("message", () => {
    most = Math.max(most, waitingFor(stalled));
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
  const { waitingFor, login, connect } = await openVisible({ limits: { framesPerSecond: 0 } });
  const { accessToken } = await login();
  const [flood, other] = [await connect(accessToken), await connect(accessToken)];
  tcpOf(flood).pause();
  const t = "x".repeat(100_000);
  for (let count = 0; count < 300; count++) flood.send({ type: "ping", t });
  other.send({ type: "ping", t: "me" });
  expect(await other.next("pong")).toMatchObject({ t: "me" });
  // The rest of what it sent waits on its own side.
  expect(flood.ws.bufferedAmount).toBeGreaterThan(5_000_000);
  expect(waitingFor(flood)).toBeLessThan(1024 * 1024);
  tcpOf(flood).resume();
  for (let count = 0; count < 300; count++) await flood.next("pong");
});
