import type { AdminUserView, AuditResponse, SessionResponse } from "@trueline/protocol";
import { defaultAccessLimits } from "@trueline/server";
import { afterEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { type OpenGateway, openGateway, password } from "./auth-fixture.ts";

let open: OpenGateway | undefined;
afterEach(async () => {
  await open?.close();
  open = undefined;
});
const start = async (...options: Parameters<typeof openGateway>): Promise<OpenGateway> => {
  open = await openGateway(...options);
  return open;
};

const ada = { email: "ada@example.com", password };

interface Closed {
  readonly code: number;
}

/** A socket that has said hello and was welcomed; and how it will be closed. */
async function connect(url: string, ticket: string): Promise<{ socket: WebSocket; closed: Promise<Closed> }> {
  const socket = new WebSocket(`${url.replace("http", "ws")}/v1/ws?ticket=${ticket}`, "trueline.v1");
  const closed = new Promise<Closed>((resolve) => socket.on("close", (code) => resolve({ code })));
  await new Promise((resolve, reject) => socket.on("open", resolve).on("error", reject));
  socket.send(JSON.stringify({ type: "hello", client: { name: "test", version: "1" } }));
  await new Promise((resolve) => socket.once("message", resolve));
  return { socket, closed };
}

describe("signing in over HTTP", () => {
  it("AU1: login, me, refresh and logout, as the wire contract says", async () => {
    const { call } = await start();
    const { status, body } = await call<SessionResponse>("/v1/auth/login", { body: ada });
    expect(status).toBe(200);
    expect(body).toEqual({
      accessToken: expect.stringMatching(/^ey/),
      refreshToken: expect.any(String),
      expiresIn: 900,
      user: { id: expect.stringMatching(/^usr_/), email: ada.email, name: "Ada", role: "administrator" },
    });
    const me = await call<{ user: object }>("/v1/auth/me", { token: body.accessToken });
    expect(me.body).toEqual({ user: body.user });
    const next = await call<SessionResponse>("/v1/auth/refresh", {
      body: { refreshToken: body.refreshToken },
    });
    expect(next).toMatchObject({ status: 200, body: { user: body.user } });
    const out = await call("/v1/auth/logout", { method: "POST", token: next.body.accessToken });
    expect(out).toMatchObject({ status: 204, body: undefined });
    for (const token of [body.accessToken, next.body.accessToken]) {
      expect(await call("/v1/auth/me", { token })).toMatchObject({
        status: 401,
        body: { error: { code: "unauthorized" } },
      });
    }
  });

  it("AU1: signing out with the refresh token works after the access token has expired", async () => {
    const { call, login, clock } = await start();
    const { accessToken, refreshToken } = await login(ada.email);
    clock.advance(15 * 60_000);
    expect((await call("/v1/auth/me", { token: accessToken })).status).toBe(401);
    const out = await call("/v1/auth/logout", { token: accessToken, body: { refreshToken } });
    expect(out.status).toBe(204);
    expect((await call("/v1/auth/refresh", { body: { refreshToken } })).status).toBe(401);
    expect((await call("/v1/auth/logout", { method: "POST" })).status).toBe(401);
  });

  it("AU1: an unknown e-mail and a wrong password get the same bytes", async () => {
    const { call } = await start();
    const wrong = await call("/v1/auth/login", { body: { ...ada, password: "no" } });
    const unknown = await call("/v1/auth/login", { body: { email: "eve@example.com", password: "no" } });
    expect(wrong).toMatchObject({ status: 401, body: { error: { code: "invalid_credentials" } } });
    expect(unknown.body).toEqual(wrong.body);
  });

  it("AU4: guessing a password is stopped, for that user only, and the answer says when to retry", async () => {
    const { call, login } = await start({ access: { ...defaultAccessLimits, failedLoginsPerUser: 3 } });
    const guess = () => call("/v1/auth/login", { body: { email: "ADA@example.com", password: "guess" } });
    const statuses = (await Promise.all(Array.from({ length: 8 }, guess))).map(({ status }) => status);
    expect(statuses.sort()).toEqual([401, 401, 401, 429, 429, 429, 429, 429]);
    const refused = await call("/v1/auth/login", { body: ada });
    expect(refused.status).toBe(429);
    expect(refused.body.error.retryAfterMs).toBeGreaterThan(0);
    expect(refused.body.error.retryAfterMs).toBeLessThanOrEqual(60_000);
    expect(refused.headers.get("retry-after")).toMatch(/^\d+$/);
    expect((await login("bob@example.com")).user.name).toBe("Bob");
  });

  it("AU4: signing in rightly, again and again, is not guessing", async () => {
    const { login } = await start({ access: { ...defaultAccessLimits, failedLoginsPerUser: 1 } });
    for (let time = 0; time < 3; time++) expect((await login(ada.email)).user.email).toBe(ada.email);
  });

  it("AU4: tickets are limited per user", async () => {
    const { call, login } = await start({ access: { ...defaultAccessLimits, ticketsPerUser: 2 } });
    const { accessToken: token } = await login(ada.email);
    const ticket = () => call("/v1/auth/ticket", { method: "POST", token });
    expect([(await ticket()).status, (await ticket()).status, (await ticket()).status]).toEqual([
      200, 200, 429,
    ]);
    const bob = await login("bob@example.com");
    expect((await call("/v1/auth/ticket", { method: "POST", token: bob.accessToken })).status).toBe(200);
  });

  it("AU1: what does not fit is refused by the name of its field, and nothing of it is repeated", async () => {
    const { call } = await start();
    const answer = await call("/v1/auth/login", { body: { email: 7, password: "hunter2hunter2", extra: 1 } });
    expect(answer).toMatchObject({ status: 400, body: { error: { code: "invalid_request" } } });
    expect(answer.body.error.message).toMatch(/email/);
    expect(JSON.stringify(answer.body)).not.toContain("hunter2");
  });
});

describe("being thrown out", () => {
  async function connected(email: string) {
    const gateway = open ?? (await start());
    const session = await gateway.login(email);
    const { body } = await gateway.call<{ ticket: string }>("/v1/auth/ticket", {
      method: "POST",
      token: session.accessToken,
    });
    return { ...gateway, ...session, ...(await connect(gateway.url, body.ticket)) };
  }

  it("AU3: disabling, revoking, signing out and a new password each close the sockets with their own code", async () => {
    const admin = await connected(ada.email);
    const { call, url } = admin;
    const post = (action: string, id: string) =>
      call<AdminUserView>(`/v1/admin/users/${id}/${action}`, { method: "POST", token: admin.accessToken });

    const first = await connected("bob@example.com");
    expect(await post("revoke", first.user.id)).toMatchObject({
      status: 200,
      body: { sessions: 0, disabled: false },
    });
    expect((await first.closed).code).toBe(4101);
    expect((await call("/v1/threads", { token: first.accessToken })).status).toBe(401);

    const second = await connected("bob@example.com");
    const third = await connected("bob@example.com");
    const change = { current: password, next: "another password" };
    const changed = await call("/v1/auth/password", { token: second.accessToken, body: change });
    expect(changed.status).toBe(204);
    expect((await third.closed).code).toBe(4103);
    await call("/v1/auth/logout", { method: "POST", token: second.accessToken });
    expect((await second.closed).code).toBe(4101);

    const { accessToken: token } = (await open?.login("bob@example.com", change.next)) ?? {};
    const ticket = await call<{ ticket: string }>("/v1/auth/ticket", {
      method: "POST",
      ...(token ? { token } : {}),
    });
    const fourth = await connect(url, ticket.body.ticket);
    expect(await post("disable", first.user.id)).toMatchObject({ body: { disabled: true, sessions: 0 } });
    expect((await fourth.closed).code).toBe(4102);
    expect(
      (await call("/v1/auth/login", { body: { email: "bob@example.com", password: change.next } })).status,
    ).toBe(401);
    expect(await post("enable", first.user.id)).toMatchObject({ body: { disabled: false } });
    expect((await call("/v1/auth/me", { token: admin.accessToken })).status).toBe(200);
  });

  it("AU2: a ticket lets one socket in, and a used one none", async () => {
    const { url, call, login } = await start();
    const { accessToken: token } = await login(ada.email);
    const { body } = await call<{ ticket: string; expiresIn: number }>("/v1/auth/ticket", {
      method: "POST",
      token,
    });
    expect(body.expiresIn).toBe(30);
    await connect(url, body.ticket);
    await expect(connect(url, body.ticket)).rejects.toThrow("401");
  });
});

describe("administrators", () => {
  it("IS5: sign-in, refusal, ticket, connect, send and disconnect leave an entry each, without a word of the message", async () => {
    const { call, login, url } = await start();
    await call("/v1/auth/login", { body: { ...ada, password: "wrong" } });
    const { accessToken: token, user } = await login(ada.email);
    const { body } = await call<{ ticket: string }>("/v1/auth/ticket", { method: "POST", token });
    const { socket, closed } = await connect(url, body.ticket);
    await call("/v1/threads/new/messages", { token, body: { id: "m1", text: "over HTTP: marzipan" } });
    const acked = new Promise((resolve) =>
      socket.on("message", (data) => String(data).includes('"ack"') && resolve(data)),
    );
    socket.send(JSON.stringify({ type: "send", id: "m2", text: "over the socket: marzipan" }));
    await acked;
    socket.close();
    await closed;
    const { body: audit } = await call<AuditResponse>(`/v1/admin/audit?user=${user.id}`, { token });
    const entries = audit.entries.filter(({ action }) => action !== "admin_read").reverse();
    expect(entries.map(({ action }) => action).slice(0, 7)).toEqual([
      "user_created",
      "login_refused",
      "login",
      "ticket",
      "connect",
      "send",
      "send",
    ]);
    expect(
      entries
        .filter(({ action }) => action === "send")
        .map(({ address, detail }) => [address, typeof detail.connectionId]),
    ).toEqual([
      ["127.0.0.1", "object"],
      ["127.0.0.1", "string"],
    ]);
    expect(JSON.stringify(audit)).not.toContain("marzipan");
    await expect
      .poll(
        async () =>
          (await call<AuditResponse>("/v1/admin/audit?action=disconnect", { token })).body.entries.length,
      )
      .toBe(1);
  });

  it("IS5: refused requests, messages and cancels leave an entry each, with its code and without a word of the message", async () => {
    const { call, login } = await start();
    const { accessToken: token } = await login(ada.email);
    const bob = await login("bob@example.com");
    await call("/v1/threads", {});
    await call("/v1/admin/users", { token: bob.accessToken });
    await call("/v1/info", { headers: { origin: "https://evil.example" } });
    const body = { id: "m1", text: "marzipan", agent: "nobody" };
    await call("/v1/threads/new/messages", { token: bob.accessToken, body });
    await call("/v1/runs/run_none/cancel", { method: "POST", token: bob.accessToken });
    const { body: audit } = await call<AuditResponse>("/v1/admin/audit", { token });
    const refusals = audit.entries.filter(({ action }) => action.endsWith("_refused")).reverse();
    expect(refusals.map(({ action, user, detail }) => [action, user, detail.code])).toEqual([
      ["request_refused", null, "unauthorized"],
      ["request_refused", bob.user.id, "forbidden"],
      ["request_refused", null, "origin_not_allowed"],
      ["send_refused", bob.user.id, "unknown_agent"],
      ["cancel_refused", bob.user.id, "not_found"],
    ]);
    expect(refusals.every(({ address }) => address === "127.0.0.1")).toBe(true);
    expect(JSON.stringify(audit)).not.toContain("marzipan");
  });

  it("IS5: every read and change of an administrator is in the audit log, and is found there", async () => {
    const { call, login } = await start();
    const { accessToken: token, user } = await login(ada.email);
    const bob = await login("bob@example.com");
    await call("/v1/admin/users", { token });
    await call(`/v1/admin/users/${bob.user.id}/revoke`, { method: "POST", token });
    const page = async (query: string) =>
      (await call<AuditResponse>(`/v1/admin/audit?${query}`, { token })).body;
    const about = await page("user=bob@example.com");
    expect(about.entries.map(({ action, by }) => [action, by])).toEqual([
      ["revoke", user.id],
      ["login", bob.user.id],
      ["user_created", "first_start"],
    ]);
    const reads = await page("action=admin_read&limit=1");
    expect(reads.entries[0]).toMatchObject({ user: user.id, detail: { what: "audit" } });
    const all = await page(`action=admin_read&before=${reads.next}`);
    expect(all.entries.map(({ detail }) => detail.what)).toEqual(["audit", "users"]);
    const since = await page(
      `from=${encodeURIComponent(new Date(Date.parse(reads.entries[0]?.at ?? "") + 1).toISOString())}`,
    );
    expect(since.entries).toEqual([]);
  });

  it("AU1: users are listed page by page, with their sessions and without a hash", async () => {
    const { call, login } = await start();
    const { accessToken: token } = await login(ada.email);
    await login(ada.email);
    const first = await call<{ users: AdminUserView[]; next: string }>("/v1/admin/users?limit=1", { token });
    const second = await call<{ users: AdminUserView[]; next?: string }>(
      `/v1/admin/users?limit=1&after=${first.body.next}`,
      { token },
    );
    const users = [...first.body.users, ...second.body.users];
    expect(users.map(({ email, sessions }) => [email, sessions]).sort()).toEqual([
      ["ada@example.com", 2],
      ["bob@example.com", 0],
    ]);
    expect(second.body.next).toBeUndefined();
    expect(JSON.stringify(users)).not.toContain("argon2");
  });

  it("AU1: nobody else gets there", async () => {
    const { call, login } = await start();
    const { accessToken: token, user } = await login("bob@example.com");
    const paths = ["/v1/admin/users", "/v1/admin/audit", "/v1/admin/audit?user=ada@example.com"];
    for (const path of paths) expect(await call(path, { token })).toMatchObject({ status: 403 });
    for (const action of ["disable", "enable", "revoke"]) {
      for (const id of [user.id, "nobody"]) {
        const answer = await call(`/v1/admin/users/${id}/${action}`, { method: "POST", token });
        expect(answer).toMatchObject({ status: 403, body: { error: { code: "forbidden" } } });
      }
    }
    expect((await call("/v1/admin/users")).status).toBe(401);
  });

  it("AU5: no password, token or ticket is in the logs or in the audit log", async () => {
    const { call, login, lines } = await start();
    const session = await login(ada.email);
    const { accessToken: token, refreshToken } = session;
    await call("/v1/auth/login", { body: { ...ada, password: "a wrong secret" } });
    const ticket = await call<{ ticket: string }>("/v1/auth/ticket", { method: "POST", token });
    const next = await call<SessionResponse>("/v1/auth/refresh", { body: { refreshToken } });
    const audit = await call<AuditResponse>("/v1/admin/audit?limit=500", { token });
    const kept = JSON.stringify([lines, audit.body]);
    const secrets = [
      password,
      "a wrong secret",
      token,
      refreshToken,
      ticket.body.ticket,
      next.body.refreshToken,
    ];
    for (const secret of secrets) expect(kept).not.toContain(secret);
  });
});
