/** Who gets in, and how somebody who does not is told: with an HTTP status and the error body of every other call. */
import { once } from "node:events";
import type { ClientRequest } from "node:http";
import type { Socket } from "node:net";
import { afterClose } from "@trueline/protocol";
import { expect, it } from "vitest";
import { WebSocket } from "ws";
import { openGateway } from "./support/gateway.ts";
import { TestSocket } from "./support/test-socket.ts";
import { openVisible } from "./support/visible.ts";

const socketUrl = (url: string, ticket?: string) =>
  `${url.replace("http", "ws")}/v1/ws${ticket === undefined ? "" : `?ticket=${ticket}`}`;

it("AU2: a ticket lets in once, also when many bring it at the same time", async () => {
  const { url, login, ticket } = await openGateway();
  const one = socketUrl(url, await ticket((await login()).accessToken));
  const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => TestSocket.open(one)));
  expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  const refused = await TestSocket.refused(one);
  expect([refused.status, refused.body.error.code]).toEqual([401, "unauthorized"]);
  expect(refused.headers["www-authenticate"]).toBe("Bearer");
});

it("AU2: a bearer header lets in; no credentials, or bad ones, do not", async () => {
  const { url, login } = await openGateway();
  const { accessToken } = await login();
  const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });
  const tab = await TestSocket.open(socketUrl(url), bearer(accessToken));
  expect((await tab.close()).code).toBe(1005);
  for (const options of [{}, bearer("nonsense")]) {
    const refused = await TestSocket.refused(socketUrl(url), options);
    expect([refused.status, refused.body.error.code]).toEqual([401, "unauthorized"]);
  }
});

it("AU2: a page of another origin is refused unless it is listed, and its ticket is not spent", async () => {
  const { url, login, ticket } = await openGateway({ origins: ["https://app.example"] });
  const one = await ticket((await login()).accessToken);
  const refused = await TestSocket.refused(socketUrl(url, one), { origin: "https://evil.example" });
  expect([refused.status, refused.body.error.code]).toEqual([403, "origin_not_allowed"]);
  await TestSocket.open(socketUrl(url, one), { origin: "https://app.example" });
  const two = await ticket((await login()).accessToken);
  await TestSocket.open(socketUrl(url, two), { origin: url });
});

it("AU2: a subprotocol that is not ours is refused; none at all is taken for ours", async () => {
  const { url, login, ticket } = await openGateway();
  const { accessToken } = await login();
  const refused = await TestSocket.refused(socketUrl(url, await ticket(accessToken)), {}, ["chat"]);
  expect([refused.status, refused.body.error.code]).toEqual([400, "invalid_request"]);
  const plain = await TestSocket.open(socketUrl(url, await ticket(accessToken)), {}, []);
  expect(plain.ws.protocol).toBe("");
});

it("MG5: of one more simultaneous upgrade than the limit, all but one get in; the refusal says limit, count and when", async () => {
  const { url, login, ticket } = await openGateway({ limits: { connections: 5 } });
  const { accessToken } = await login();
  const tickets = await Promise.all(Array.from({ length: 6 }, () => ticket(accessToken)));
  const outcomes = await Promise.allSettled(tickets.map((one) => TestSocket.open(socketUrl(url, one))));
  const open = outcomes.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value] : []));
  expect(open).toHaveLength(5);

  const refused = await TestSocket.refused(socketUrl(url, await ticket(accessToken)));
  expect([refused.status, refused.body.error.code]).toEqual([429, "connection_limit"]);
  expect(refused.body.error.message).toMatch(/"connections" is 5 .* 5 are open/);
  expect(refused.body.error.retryAfterMs).toBeGreaterThan(0);
  expect(Number(refused.headers["retry-after"])).toBeGreaterThan(0);

  await open[0]?.close();
  await TestSocket.open(socketUrl(url, await ticket(accessToken)));
});

it("MG5: the place of a client that vanishes in the middle of its handshake is given back", async () => {
  let letVerify: () => void = () => undefined;
  const mayVerify = new Promise<void>((resolve) => {
    letVerify = resolve;
  });
  let begun: () => void = () => undefined;
  const verifying = new Promise<void>((resolve) => {
    begun = resolve;
  });
  const verify = async (token: string | undefined) => {
    begun();
    await mayVerify;
    return token === undefined ? undefined : { id: token };
  };
  const { gateway, url, endOf } = await openVisible({ accounts: { verify }, limits: { connections: 1 } });
  const options = { headers: { authorization: "Bearer eve" } };
  const ws = new WebSocket(socketUrl(url), ["trueline.v1"], options);
  ws.on("error", () => undefined);
  const request = (ws as unknown as { _req: ClientRequest })._req;
  const [tcp] = (await once(request, "socket")) as [Socket];
  await verifying;
  const gone = new Promise((resolve) => endOf(tcp).on("close", resolve));
  tcp.resetAndDestroy();
  await gone;
  letVerify();

  const next = await TestSocket.open(socketUrl(url), options);
  expect((await gateway.counts()).connections).toBe(1);
  await next.close();
});

it("AU4: upgrades that come too often are refused with the time to wait", async () => {
  const { url, login, ticket } = await openGateway({ access: { upgradesPerUser: 3 } });
  const { accessToken } = await login();
  for (let count = 0; count < 3; count++)
    await (await TestSocket.open(socketUrl(url, await ticket(accessToken)))).close();
  const refused = await TestSocket.refused(socketUrl(url, await ticket(accessToken)));
  expect([refused.status, refused.body.error.code]).toEqual([429, "rate_limited"]);
  expect(refused.body.error.retryAfterMs).toBeGreaterThan(0);
});

it("AU2: the ranges of close codes say what a client does next, also for codes it does not know", () => {
  expect([4000, 4099, 4100, 4199, 4200, 4299, 1006].map(afterClose)).toEqual([
    "reconnect",
    "reconnect",
    "sign_in",
    "sign_in",
    "stop",
    "stop",
    "reconnect",
  ]);
});

it("AU5: neither tickets nor tokens are logged, in an error or in a metric", async () => {
  const { url, login, ticket, call, lines } = await openGateway();
  const session = await login();
  const spent = await ticket(session.accessToken);
  await TestSocket.open(socketUrl(url, spent));
  await TestSocket.refused(socketUrl(url, spent));
  await call(`/v1/nothing?ticket=${spent}`, { token: session.accessToken });
  const metrics = (await call<string>("/metrics")).body;
  const audit = (await call("/v1/admin/audit", { token: session.accessToken })).body;
  const said = [...lines, metrics, JSON.stringify(audit)].join("\n");
  for (const secret of [spent, session.accessToken, session.refreshToken]) expect(said).not.toContain(secret);
});

it("IS5: logins, tickets, connects, refusals and disconnects stand in the audit log", async () => {
  const { url, login, ticket, call, socket } = await openGateway();
  const { accessToken } = await login();
  const tab = await socket(accessToken);
  await TestSocket.refused(socketUrl(url, await ticket(accessToken)), { origin: "https://evil.example" });
  await tab.close();
  interface Entries {
    readonly entries: readonly { action: string; detail: { code?: unknown } }[];
  }
  let actions: string[] = [];
  do {
    const { body } = await call<Entries>("/v1/admin/audit", { token: accessToken });
    actions = body.entries.map(({ action }) => action);
  } while (!actions.includes("disconnect"));
  for (const action of ["login", "ticket", "connect", "connect_refused", "disconnect", "admin_read"])
    expect(actions).toContain(action);
});
