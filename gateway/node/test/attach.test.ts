/** The gateway as a library, in a team's own server with its own accounts (AU6). */
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createGateway, type GatewayOptions } from "@trueline/gateway";
import { closeCodes } from "@trueline/protocol";
import { createMemoryAccounts } from "@trueline/server/testing";
import { openSqliteStores } from "@trueline/stores";
import { expect, it, onTestFinished } from "vitest";
import { WebSocketServer } from "ws";
import { clientOf } from "./support/gateway.ts";
import { handAgent } from "./support/hand-agent.ts";
import { TestSocket } from "./support/test-socket.ts";

async function listen(server: Server): Promise<string> {
  await once(server.listen(0, "127.0.0.1"), "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function gatewayIn(server: Server, options: GatewayOptions) {
  const directory = mkdtempSync(join(tmpdir(), "trueline-attach-"));
  const gateway = createGateway({ store: { directory }, log: "silent", ...options });
  const takeOff = gateway.attach(server);
  onTestFinished(async () => {
    await gateway.close();
    server.close();
    rmSync(directory, { recursive: true });
  });
  return { gateway, takeOff, directory };
}

const verify = (token: string | undefined) =>
  token?.startsWith("key-of-") ? { id: token.slice(7) } : undefined;

it("AU6: taken off, it is out of the way, also when the owner has wrapped the server's emit since", async () => {
  const server = createServer((request, response) => response.end(`theirs: ${request.url}`));
  const { takeOff } = gatewayIn(server, { accounts: { verify } });
  const ours = server.emit;
  server.emit = (...args: unknown[]) => Reflect.apply(ours, server, args);
  const { call } = clientOf(await listen(server));
  expect((await call("/healthz")).status).toBe(200);
  takeOff();
  expect((await call<string>("/healthz")).body).toBe("theirs: /healthz");
});

it("AU6: routes of the contract are the gateway's, everything else stays the server's own, added before or after", async () => {
  const server = createServer((request, response) => response.end(`theirs: ${request.url}`));
  const seen: string[] = [];
  const { takeOff } = gatewayIn(server, { accounts: { verify } });
  server.on("request", (request) => seen.push(String(request.url)));
  const { call } = clientOf(await listen(server));

  expect((await call<string>("/")).body).toBe("theirs: /");
  expect((await call<string>("/v2/x")).body).toBe("theirs: /v2/x");
  expect((await call("/healthz")).status).toBe(200);
  expect((await call("/v1/agents", { token: "key-of-eve" })).status).toBe(200);
  expect((await call("/v1/nothing")).status).toBe(404);
  expect(seen).toEqual(["/", "/v2/x"]);
  takeOff();
  expect((await call<string>("/v1/agents")).body).toBe("theirs: /v1/agents");
});

it("AU6: upgrades of other paths go to the server's own WebSocket server; without one they are refused", async () => {
  const server = createServer();
  gatewayIn(server, { accounts: { verify } });
  const url = (await listen(server)).replace("http", "ws");
  expect((await TestSocket.refused(`${url}/theirs`)).status).toBe(404);

  const theirs = new WebSocketServer({ noServer: true });
  server.on("upgrade", (request, socket, head) => {
    if (request.url !== "/theirs") return;
    theirs.handleUpgrade(request, socket, head, (client) => client.send(JSON.stringify({ type: "theirs" })));
  });
  const other = await TestSocket.open(`${url}/theirs`, {}, []);
  expect(await other.next("theirs")).toEqual({ type: "theirs" });
  const ours = await TestSocket.open(`${url}/v1/ws`, { headers: { authorization: "Bearer key-of-eve" } });
  ours.send({ type: "hello", client: { name: "t", version: "1" } });
  expect((await ours.next("welcome")).user.id).toBe("eve");
});

it("AU6: a team's own accounts and agents walk the golden path; passwords are not there", async () => {
  const server = createServer();
  const { agent, step } = handAgent("their-agent");
  gatewayIn(server, { accounts: { verify }, agents: [agent] });
  const { call, connect } = clientOf(await listen(server));
  expect((await call("/v1/auth/login", { body: { email: "a@b.c", password: "x" } })).status).toBe(404);
  const tab = await connect("key-of-eve");
  tab.send({ type: "send", id: "m-1", text: "Go" });
  const { threadId } = await tab.next("ack");
  const answer = await step();
  answer.text("hello eve");
  answer.end();
  expect((await tab.next("agent_completed")).data.text).toBe("hello eve");
  expect((await call(`/v1/threads/${threadId}`, { token: "key-of-mallory" })).status).toBe(404);
});

it("AU3, AU6: access that the team limits in time ends with the code that says to sign in again", async () => {
  const server = createServer();
  gatewayIn(server, { accounts: { verify: () => ({ id: "eve", expiresAt: Date.now() + 500 }) } });
  const { connect } = clientOf(await listen(server));
  const tab = await connect("any");
  expect((await tab.closed).code).toBe(closeCodes.token_expired);
});

it("AU6: what comes before the gateway is ready waits for it; one that cannot start says so", async () => {
  const server = createServer();
  gatewayIn(server, { accounts: { verify } });
  const early = clientOf(await listen(server));
  expect((await early.call("/v1/agents", { token: "key-of-eve" })).status).toBe(200);

  const broken = createServer();
  const { gateway } = gatewayIn(broken, { store: { directory: "/dev/null/nowhere" } });
  await expect(gateway.ready).rejects.toThrow(/nowhere/);
  const { call } = clientOf(await listen(broken));
  expect((await call("/v1/agents")).body.error.code).toBe("store_unavailable");
});

it("AU6: a team's own stores are used, and closed with the gateway", async () => {
  const directory = mkdtempSync(join(tmpdir(), "trueline-attach-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const stores = await openSqliteStores({ directory });
  const server = createServer();
  const { gateway } = gatewayIn(server, {
    store: { ...stores, accounts: createMemoryAccounts() },
    accounts: { demo: true },
  });
  const { login } = clientOf(await listen(server));
  expect((await login()).user.name).toBe("Ada");
  await gateway.close();
  expect(stores.database.handle.open).toBe(false);
});
