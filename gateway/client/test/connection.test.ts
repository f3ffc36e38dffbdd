import { closeCodes, TruelineError } from "@trueline/protocol";
import { describe, expect, it } from "vitest";
import { WebSocket as WsWebSocket } from "ws";
import {
  type ConnectionState,
  memoryStorage,
  type StoredSession,
  type WebSocketConstructor,
} from "../src/index.ts";
import { Gateway } from "./gateway.ts";
import { newClient, signedIn, startGateway, until } from "./harness.ts";
import { runOf } from "./model.ts";

const online = ({ state }: ConnectionState) => state === "online";
const closeAll = (gateway: Gateway, code: number, reason = ""): void => {
  for (const { ws } of gateway.connections) ws.close(code, reason);
};

describe("connection", () => {
  it("UI3: signs in, connects, and says every state on the way", async () => {
    const { url } = await startGateway();
    const client = newClient(url);
    const states: ConnectionState[] = [client.state];
    client.on("state", (state) => states.push(state));
    await client.login("ada@example.com", "secret");
    await client.online();
    await client.logout();
    expect(states.map(({ state }) => state)).toEqual(["signed_out", "connecting", "online", "signed_out"]);
    expect(client.user).toBeUndefined();
  });

  it("AU1: a wrong password is a typed error, and nothing connects", async () => {
    const { gateway, url } = await startGateway();
    const client = newClient(url);
    await expect(client.login("ada@example.com", "wrong")).rejects.toMatchObject({
      code: "invalid_credentials",
    });
    expect(client.state.state).toBe("signed_out");
    await expect(client.send("hello")).rejects.toMatchObject({ name: "ClientError", code: "signed_out" });
    await expect(client.threads.list()).rejects.toMatchObject({ name: "ClientError", code: "signed_out" });
    expect(gateway.hellos).toEqual([]);
  });

  it("AU2: the range of a close code decides: reconnect, sign in again, or stop", async () => {
    const { gateway, url } = await startGateway();
    const client = await signedIn(url);
    closeAll(gateway, closeCodes.internal_error);
    await until(client, ({ state }) => state === "waiting");
    await until(client, online);
    // A code of the range that this version does not know.
    closeAll(gateway, 4299, "some new reason");
    expect(await until(client, ({ state }) => state === "stopped")).toEqual({
      state: "stopped",
      code: 4299,
      reason: "some new reason",
    });
    await expect(client.send("hello")).rejects.toMatchObject({ code: "stopped" });
    client.reconnect();
    await client.online();
  });

  it("AU3: access that ran out in the middle is renewed at once, without a wait that is seen", async () => {
    const { gateway, url } = await startGateway();
    const client = await signedIn(url);
    const states: string[] = [];
    client.on("state", ({ state }) => states.push(state));
    gateway.expireAccess();
    closeAll(gateway, closeCodes.token_expired);
    await until(client, ({ state }) => state === "connecting");
    await client.online();
    expect(states).toEqual(["connecting", "online"]);
    expect(gateway.refreshes).toBe(1);
  });

  it("AU3: a revoked session ends signed out, with what the server said", async () => {
    const { gateway, url } = await startGateway();
    const client = await signedIn(url);
    gateway.revokeSessions();
    for (const connection of gateway.connections) {
      connection.send({
        type: "error",
        code: "unauthorized",
        message: "An administrator ended this session.",
      });
    }
    closeAll(gateway, closeCodes.session_revoked);
    expect(await until(client, ({ state }) => state === "signed_out")).toEqual({
      state: "signed_out",
      reason: "An administrator ended this session.",
    });
  });

  it("AU3: tokens that are refused again and again end signed out, not in a loop", async () => {
    const { gateway, url } = await startGateway();
    const client = await signedIn(url);
    gateway.closesAfterHello = closeCodes.user_disabled;
    closeAll(gateway, closeCodes.user_disabled, "user_disabled");
    await until(client, ({ state }) => state === "signed_out");
    expect(gateway.hellos.length).toBeLessThan(5);
  });

  it("DR1: going_away is honoured: not before the given time, and what was refused meanwhile is sent then", async () => {
    const { gateway, url } = await startGateway();
    const client = await signedIn(url, { random: () => 0 });
    gateway.refuse = () => {
      // Right after the refusal that is given here.
      setImmediate(() => {
        for (const connection of gateway.connections)
          connection.send({ type: "going_away", reconnectAfterMs: 150 });
        closeAll(gateway, closeCodes.going_away);
      });
      return { code: "going_away", message: "The server is restarting." };
    };
    const ack = client.send("hello");
    const before = Date.now();
    const waiting = await until(client, ({ state }) => state === "waiting");
    expect(waiting).toMatchObject({ reason: "the server is restarting" });
    expect(waiting.state === "waiting" && waiting.retryAt - before).toBeGreaterThanOrEqual(150);
    gateway.refuse = () => undefined;
    expect(await ack).toMatchObject({ runId: expect.any(String) });
    expect(gateway.runs).toBe(1);
  });

  it("DR1: a server that announced its leaving and does not close is left when the time is over", async () => {
    const { gateway, url } = await startGateway();
    const client = await signedIn(url);
    for (const connection of gateway.connections)
      connection.send({ type: "going_away", reconnectAfterMs: 5 });
    await until(client, ({ state }) => state === "connecting");
    await client.online();
    expect(gateway.hellos.length).toBe(2);
  });

  it("AU4: a socket that looks open but answers nothing is replaced", async () => {
    const { gateway, url } = await startGateway();
    const client = await signedIn(url, { pingIntervalMs: 20, pongTimeoutMs: 20 });
    gateway.answersPings = false;
    expect(await until(client, ({ state }) => state === "waiting")).toMatchObject({
      reason: "the server did not answer",
    });
    gateway.answersPings = true;
    await client.online();
  });

  it("AU4: while an answer is due, a socket that looks open is doubted sooner than an idle one", async () => {
    const { gateway, url } = await startGateway();
    const idle = { pingIntervalMs: 3_600_000, pongTimeoutMs: 3_600_000 };
    const client = await signedIn(url, { ...idle, busyPingIntervalMs: 20 });
    gateway.hears = false;
    const ack = client.send("hello");
    await until(client, ({ state }) => state === "waiting");
    gateway.hears = true;
    expect(await ack).toMatchObject({ runId: expect.any(String) });
    expect(gateway.runs).toBe(1);
  });

  it("AU4: so is one in the middle of a run that was sent from elsewhere", async () => {
    const { gateway, url } = await startGateway();
    const client = await signedIn(url, {
      pingIntervalMs: 3_600_000,
      pongTimeoutMs: 3_600_000,
      busyPingIntervalMs: 20,
    });
    gateway.hears = false;
    const ids = { threadId: "thr_1", runId: "run_1", messageId: "msg_1" };
    for (const draft of runOf({ ...ids, id: "id_1" }, "hello").slice(0, 3)) {
      gateway.account("ada@example.com").model.append(draft);
    }
    await until(client, ({ state }) => state === "waiting");
    gateway.hears = true;
    await client.online();
  });

  it("UI3: a server that is not there is tried again until it is, and the outbox waits", async () => {
    const { gateway, url } = await startGateway();
    const session = memoryStorage();
    const first = await signedIn(url, { session });
    first.close();
    await gateway.close();
    const second = newClient(url, { session });
    await until(second, (state) => state.state === "waiting" && state.attempt >= 3);
    const ack = second.send("hello");
    const revived = new Gateway();
    // Another gateway knows no session of the first: signing in again goes on with the outbox.
    await revived.listen(Number(new URL(url).port));
    await until(second, ({ state }) => state === "signed_out");
    await second.login("ada@example.com", "secret");
    expect(await ack).toMatchObject({ threadId: expect.any(String) });
    second.close();
    await revived.close();
  });

  it("AU4: a refused ticket says how long to wait, and that is waited", async () => {
    const { gateway, url } = await startGateway();
    gateway.ticketError = new TruelineError("connection_limit", "10 of 10 connections are open.", 60_000);
    const client = newClient(url);
    await client.login("ada@example.com", "secret");
    const waiting = await until(client, ({ state }) => state === "waiting");
    expect(waiting).toMatchObject({ reason: "10 of 10 connections are open." });
    expect(waiting.state === "waiting" && waiting.retryAt - Date.now()).toBeGreaterThan(50_000);
    gateway.ticketError = undefined;
    client.reconnect();
    await client.online();
  });

  it("AU2: a bearer header where the WebSocket takes one; when it is refused, a ticket finds out why", async () => {
    const { gateway, url } = await startGateway();
    const client = await signedIn(url, { entry: "bearer" });
    expect(gateway.entries).toEqual(["bearer"]);
    gateway.expireAccess();
    for (const { ws } of gateway.connections) ws.terminate();
    await until(client, ({ state }) => state === "waiting");
    await client.online();
    expect(gateway.entries).toEqual(["bearer", "ticket"]);
    expect(gateway.refreshes).toBe(1);
  });

  it("UI3: another WebSocket of the same shape will do, and its errors are not the program's", async () => {
    const { gateway, url } = await startGateway();
    const client = await signedIn(url, { WebSocket: WsWebSocket as unknown as WebSocketConstructor });
    gateway.letsIn = false;
    for (const { ws } of gateway.connections) ws.terminate();
    await until(client, (state) => state.state === "waiting" && state.attempt >= 2);
    gateway.letsIn = true;
    expect(await client.send("hello")).toMatchObject({ runId: expect.any(String) });
  });

  it("AU6: a team's own accounts: its tokens are asked for, and asked afresh when one is refused", async () => {
    const { gateway, url } = await startGateway();
    const session = memoryStorage();
    const own = await signedIn(url, { session });
    own.close();
    const asked: boolean[] = [];
    let token = session.read()?.accessToken;
    const client = newClient(url, {
      getAccessToken: async ({ refresh }) => {
        asked.push(refresh);
        if (refresh) token = await loginAgain(url);
        return token;
      },
    });
    await client.online();
    expect(client.user?.email).toBe("ada@example.com");
    gateway.expireAccess();
    closeAll(gateway, closeCodes.token_expired);
    await until(client, ({ state }) => state === "connecting");
    await client.online();
    expect(asked).toContain(true);
    await expect(client.login("a", "b")).rejects.toThrow("getAccessToken");
  });

  it("MG4: close() ends everything, and what waits is told", async () => {
    const { gateway, url } = await startGateway();
    const client = await signedIn(url);
    const events = client.events()[Symbol.asyncIterator]().next();
    for (const { ws } of gateway.connections) ws.terminate();
    await until(client, ({ state }) => state === "waiting");
    const ack = client.send("hello");
    client.close();
    await expect(ack).rejects.toMatchObject({ code: "closed" });
    expect(await events).toEqual({ done: true, value: undefined });
    expect(client.state).toEqual({ state: "stopped", code: 1000, reason: "closed" });
    expect(() => client.reconnect()).toThrow("closed");
  });
});

async function loginAgain(url: string): Promise<string> {
  const response = await fetch(`${url}/v1/auth/login`, {
    method: "POST",
    body: JSON.stringify({ email: "ada@example.com", password: "secret" }),
  });
  return ((await response.json()) as StoredSession).accessToken;
}
