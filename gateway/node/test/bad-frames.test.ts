/** What a client can do wrong: each has a clear error for the one who caused it, and costs nobody else anything (AU4). */
import { randomBytes } from "node:crypto";
import { connect as connectTcp, type Socket } from "node:net";
import { closeCodes } from "@trueline/protocol";
import { describe, expect, it, onTestFinished } from "vitest";
import { openGateway } from "./support/gateway.ts";
import type { TestSocket } from "./support/test-socket.ts";

const hello = { type: "hello", client: { name: "test", version: "1" } };
const deep = (levels: number) => `${"[".repeat(levels)}${"]".repeat(levels)}`;

/** Sends, and gives the error that was told and the code that the socket was closed with. */
async function provoke(socket: TestSocket, frame: unknown): Promise<{ error: string; code: number }> {
  socket.send(frame);
  const { code } = await socket.closed;
  const error = socket.frames.at(-1);
  expect(error?.type).toBe("error");
  expect(error?.message.length).toBeGreaterThan(10);
  return { error: error?.code, code };
}

describe("AU4: a frame that", () => {
  const bad: readonly (readonly [string, unknown, string, number])[] = [
    ["is not JSON", "{", "invalid_request", closeCodes.bad_frame],
    ["is no object", "42", "invalid_request", closeCodes.bad_frame],
    ["has an unknown type", { type: "surprise" }, "invalid_request", closeCodes.bad_frame],
    ["lacks a field", { type: "cancel" }, "invalid_request", closeCodes.bad_frame],
    ["is binary", Buffer.from("{}"), "invalid_request", closeCodes.bad_frame],
    ["is nested too deep", `{"type":"ping","t":${deep(100_000)}}`, "invalid_request", closeCodes.bad_frame],
    ["is larger than allowed", `"${"x".repeat(300_000)}"`, "payload_too_large", closeCodes.frame_too_large],
    ["is a second hello", hello, "invalid_request", closeCodes.wrong_order],
  ];
  it.each(bad)("%s is told so and closes that socket alone", async (_what, frame, error, code) => {
    const { login, connect } = await openGateway();
    const { accessToken } = await login();
    const [other, culprit] = [await connect(accessToken), await connect(accessToken)];
    expect(await provoke(culprit, frame)).toEqual({ error, code });
    other.send({ type: "ping", t: 1 });
    expect(await other.next("pong")).toEqual({ type: "pong", t: 1 });
  });

  it("comes before hello is refused", async () => {
    const { login, socket } = await openGateway();
    const early = await socket((await login()).accessToken);
    expect(await provoke(early, { type: "ping", t: 1 })).toEqual({
      error: "invalid_request",
      code: closeCodes.wrong_order,
    });
  });
});

it("AU4: a hello that never comes closes the socket", async () => {
  const { login, socket } = await openGateway({ limits: { helloTimeoutMs: 50 } });
  const silent = await socket((await login()).accessToken);
  expect(await silent.closed).toEqual({ code: closeCodes.hello_timeout, reason: "hello_timeout" });
});

it("AU4: frames that come too fast close the socket", async () => {
  const { login, connect } = await openGateway({ limits: { framesPerSecond: 5 } });
  const fast = await connect((await login()).accessToken);
  for (let count = 0; count < 100; count++) fast.send({ type: "ping", t: count });
  expect((await fast.closed).code).toBe(closeCodes.too_many_frames);
});

/** An upgraded socket on which bytes can be put that no WebSocket library would. */
async function rawSocket(url: string, ticket: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connectTcp({ host: hostname, port: Number(port) });
  onTestFinished(() => void socket.destroy());
  const key = randomBytes(16).toString("base64");
  const head = [
    "Host: x",
    "Upgrade: websocket",
    "Connection: Upgrade",
    `Sec-WebSocket-Key: ${key}`,
    "Sec-WebSocket-Version: 13",
  ];
  socket.write(`GET /v1/ws?ticket=${ticket} HTTP/1.1\r\n${head.join("\r\n")}\r\n\r\n`);
  await new Promise<void>((resolve, reject) => {
    socket.once("data", (data) =>
      String(data).startsWith("HTTP/1.1 101") ? resolve() : reject(new Error(String(data))),
    );
  });
  return socket;
}

/** A masked client frame with a mask of zeros. */
const masked = (opcode: number, payload: Buffer): Buffer =>
  Buffer.concat([Buffer.from([0x80 | opcode, 0x80 | payload.length, 0, 0, 0, 0]), payload]);

/** The code of the close frame, which is the last thing the server says. */
async function closeCodeOf(socket: Socket): Promise<number> {
  const chunks: Buffer[] = [];
  socket.on("data", (chunk) => chunks.push(chunk));
  await new Promise((resolve) => socket.once("end", resolve));
  const bytes = Buffer.concat(chunks);
  const at = bytes.lastIndexOf(0x88);
  return bytes.readUInt16BE(at + 2);
}

describe("AU4: bytes that", () => {
  const broken: readonly (readonly [string, Buffer, number])[] = [
    ["are not valid UTF-8", masked(1, Buffer.from([0xff, 0xfe])), closeCodes.bad_frame],
    ["are not masked", Buffer.from([0x81, 0x02, 0x7b, 0x7d]), closeCodes.bad_frame],
    ["have an unknown opcode", masked(3, Buffer.from("{}")), closeCodes.bad_frame],
    [
      "announce more than is allowed",
      Buffer.from([0x81, 0xff, 0, 0, 0, 0, 0x10, 0, 0, 0, 0, 0, 0, 0]),
      closeCodes.frame_too_large,
    ],
  ];
  it.each(broken)("%s close the socket in our own codes", async (_what, bytes, code) => {
    const { url, login, ticket } = await openGateway();
    const socket = await rawSocket(url, await ticket((await login()).accessToken));
    const closed = closeCodeOf(socket);
    socket.write(bytes);
    expect(await closed).toBe(code);
  });
});

it("AU4: a socket that answers no ping is closed as half-open", async () => {
  const { url, login, ticket } = await openGateway({
    limits: { pingIntervalMs: 32, helloTimeoutMs: 60_000 },
  });
  const dead = await rawSocket(url, await ticket((await login()).accessToken));
  expect(await closeCodeOf(dead)).toBe(closeCodes.half_open);
});

it("AU4: a socket that answers pings stays", async () => {
  const { login, connect } = await openGateway({ limits: { pingIntervalMs: 32 } });
  const tab = await connect((await login()).accessToken);
  let pings = 0;
  await new Promise<void>((resolve) => {
    tab.ws.on("ping", () => {
      pings++;
      if (pings === 6) resolve();
    });
  });
  tab.send({ type: "ping", t: "still here" });
  expect(await tab.next("pong")).toMatchObject({ t: "still here" });
});
