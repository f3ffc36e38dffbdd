import { randomUUID } from "node:crypto";
import { createAccess } from "@trueline/server";
import { createMemoryAccounts } from "@trueline/server/testing";
import { describe, expect, it } from "vitest";
import { accessFixture, ada, home, request } from "../support/access-fixture.ts";

const code = (expected: string) => expect.objectContaining({ name: "TruelineError", code: expected });

describe("signing in", () => {
  it("AU1: the right password gives tokens that say who it is; the e-mail may be written otherwise", async () => {
    const { access, user, actions } = await accessFixture();
    const session = await access.login({ ...ada, email: "ADA@Example.com" }, home);
    expect(session).toMatchObject({ expiresIn: 900, user: { id: user.id, email: ada.email, role: "user" } });
    expect((await access.authenticate(session.accessToken, request)).user.id).toBe(user.id);
    expect(await actions()).toEqual(["user_created", "login"]);
  });

  it("AU1: an unknown e-mail, a wrong password and a disabled user get one and the same answer, after a hash each", async () => {
    const { access, user, verified, auditStore } = await accessFixture();
    const refusals = [];
    for (const attempt of [
      { ...ada, email: "eve@example.com" },
      { ...ada, password: "wrong" },
    ]) {
      refusals.push(await access.login(attempt, home).catch((error) => error.toBody()));
    }
    await access.administration.setDisabled(user.id, true, { by: "command_line", address: null });
    refusals.push(await access.login(ada, home).catch((error) => error.toBody()));
    expect(new Set(refusals.map((body) => JSON.stringify(body))).size).toBe(1);
    expect(refusals[0].error.code).toBe("invalid_credentials");
    expect(verified).toHaveLength(3);
    const refused = auditStore.kept.entries.filter(({ action }) => action === "login_refused");
    expect(refused.map((entry) => entry.user)).toEqual([null, user.id, user.id]);
    expect(JSON.stringify(refused)).not.toContain("wrong");
  });

  it("AU5: a password typed into the field of the address is not kept", async () => {
    const { access, auditStore } = await accessFixture();
    await expect(access.login({ email: "correct horse", password: "x" }, home)).rejects.toEqual(
      code("invalid_credentials"),
    );
    expect(JSON.stringify(auditStore.kept.entries)).not.toContain("correct horse");
  });

  it("AU1: a login that cannot be written to the audit log is refused", async () => {
    const { access, auditStore } = await accessFixture();
    auditStore.failAppends(new Error("disk full"));
    await expect(access.login(ada, home)).rejects.toEqual(code("store_unavailable"));
    auditStore.failAppends();
    await access.login(ada, home);
  });

  it("AU1: the first start makes one administrator and gives the password once", async () => {
    const { options } = await accessFixture();
    const access = await createAccess({ ...options, accounts: createMemoryAccounts() });
    const made = await access.administration.firstStart();
    expect(made?.password.length).toBeGreaterThanOrEqual(20);
    expect(await access.administration.firstStart()).toBeUndefined();
    const session = await access.login({ email: made?.email ?? "", password: made?.password ?? "" }, home);
    expect(session.user.role).toBe("administrator");
  });

  it("AU1: the demo has Ada, an administrator, and Bob; twice makes no more", async () => {
    const { options } = await accessFixture();
    const access = await createAccess({ ...options, accounts: createMemoryAccounts() });
    await access.administration.addDemoUsers();
    await access.administration.addDemoUsers();
    const users = await access.administration.list();
    expect(users.map(({ email, role }) => `${email} ${role}`).sort()).toEqual([
      "ada@example.com administrator",
      "bob@example.com user",
    ]);
    await access.login({ email: "bob@example.com", password: "trueline-demo" }, home);
  });

  it("AU1: without the demo its users are disabled, a first administrator is made, and the demo is refused from then on", async () => {
    const { options } = await accessFixture();
    const { administration: users, login } = await createAccess({
      ...options,
      accounts: createMemoryAccounts(),
    });
    const bob = { email: "bob@example.com", password: "trueline-demo" };
    await users.addDemoUsers();
    expect(await users.hasPeople()).toBe(false);
    expect([...(await users.disableDemoUsers())].sort()).toEqual(["ada@example.com", "bob@example.com"]);
    expect(await users.disableDemoUsers()).toEqual([]);
    await expect(login(bob, home)).rejects.toEqual(code("invalid_credentials"));

    await users.addDemoUsers();
    expect((await login(bob, home)).user.name).toBe("Bob");

    await users.disableDemoUsers();
    const made = await users.firstStart();
    expect(await users.hasPeople()).toBe(true);
    await expect(users.addDemoUsers()).rejects.toMatchObject({
      code: "forbidden",
      message: expect.stringContaining(`${made?.email}`),
    });
    await expect(login(bob, home)).rejects.toEqual(code("invalid_credentials"));
  });
});

describe("refreshing", () => {
  it("AU1: a refresh token is replaced at each use, and the chain goes on", async () => {
    const { access, clock } = await accessFixture();
    let { refreshToken, accessToken } = await access.login(ada, home);
    const seen = new Set([refreshToken]);
    for (let round = 0; round < 5; round++) {
      clock.advance(16 * 60_000);
      await expect(access.authenticate(accessToken, request)).rejects.toEqual(code("unauthorized"));
      ({ refreshToken, accessToken } = await access.refresh(refreshToken, home));
      expect((await access.authenticate(accessToken, request)).user.email).toBe(ada.email);
      seen.add(refreshToken);
    }
    expect(seen.size).toBe(6);
  });

  it("AU1: a token used again long after, by a thief or by its owner, ends the session for both", async () => {
    const { access, clock, actions } = await accessFixture();
    const first = await access.login(ada, home);
    const second = await access.refresh(first.refreshToken, home);
    clock.advance(30_000);
    await expect(access.refresh(first.refreshToken, home)).rejects.toEqual(code("unauthorized"));
    await expect(access.refresh(second.refreshToken, home)).rejects.toEqual(code("unauthorized"));
    await expect(access.authenticate(second.accessToken, request)).rejects.toEqual(code("unauthorized"));
    expect(await actions()).toContain("refresh_reused");
  });

  it("AU1: a token two generations old ends the session even within the grace time", async () => {
    const { access } = await accessFixture();
    const first = await access.login(ada, home);
    const second = await access.refresh(first.refreshToken, home);
    await access.refresh(second.refreshToken, home);
    await expect(access.refresh(first.refreshToken, home)).rejects.toEqual(code("unauthorized"));
  });

  it("AU1: a lost answer and tabs that refresh at once get the same new token, and go on with it", async () => {
    const { access, clock } = await accessFixture();
    const { refreshToken } = await access.login(ada, home);
    const answers = await Promise.all([1, 2, 3].map(() => access.refresh(refreshToken, home)));
    clock.advance(29_000);
    answers.push(await access.refresh(refreshToken, home));
    const [next, ...others] = new Set(answers.map((answer) => answer.refreshToken));
    expect(others).toEqual([]);
    clock.advance(3_600_000);
    await access.refresh(next ?? "", home);
  });

  it("AU1: a made-up token is refused and does the session no harm, though it names it", async () => {
    const { access } = await accessFixture();
    const { refreshToken } = await access.login(ada, home);
    const [session, , secret] = refreshToken.split(".");
    for (const forged of [
      "",
      "x",
      `${session}.${randomUUID()}.${secret}`,
      `${session}..${secret}`,
      `${refreshToken}.x`,
    ]) {
      await expect(access.refresh(forged, home)).rejects.toEqual(code("unauthorized"));
    }
    await access.refresh(refreshToken, home);
  });

  it("AU5: what a client holds is nowhere in the store", async () => {
    const accounts = createMemoryAccounts();
    const written: unknown[] = [];
    const watched = new Proxy(accounts, {
      get: (target, name) => {
        const method = Reflect.get(target, name) as (...args: unknown[]) => unknown;
        return (...args: unknown[]) => {
          written.push(args);
          return method(...args);
        };
      },
    });
    const { access } = await accessFixture(watched);
    const session = await access.login(ada, home);
    const { ticket } = await access.issueTicket(
      await access.authenticate(session.accessToken, request),
      home,
    );
    const next = await access.refresh(session.refreshToken, home);
    const secrets = [session, next].flatMap(({ refreshToken }) => refreshToken.split(".").slice(1));
    for (const secret of [...secrets, ticket]) expect(JSON.stringify(written)).not.toContain(secret);
  });
});

describe("tickets", () => {
  it("AU2: of many who take a ticket at once one gets in", async () => {
    const { access, user } = await accessFixture();
    const identity = await access.authenticate((await access.login(ada, home)).accessToken, request);
    const { ticket, expiresIn } = await access.issueTicket(identity, home);
    expect(expiresIn).toBe(30);
    const taken = await Promise.allSettled(Array.from({ length: 10 }, () => access.takeTicket(ticket)));
    const admitted = taken.filter((outcome) => outcome.status === "fulfilled");
    expect(admitted.map(({ value }) => value)).toEqual([
      { user: expect.objectContaining({ id: user.id }), session: identity.session },
    ]);
    expect(taken.filter((outcome) => outcome.status === "rejected").map(({ reason }) => reason.code)).toEqual(
      Array.from({ length: 9 }, () => "unauthorized"),
    );
  });

  it("AU2: a ticket is over after 30 s, and with its session", async () => {
    const { access, clock } = await accessFixture();
    const identity = await access.authenticate((await access.login(ada, home)).accessToken, request);
    const late = await access.issueTicket(identity, home);
    clock.advance(30_000);
    await expect(access.takeTicket(late.ticket)).rejects.toEqual(code("unauthorized"));
    const { ticket } = await access.issueTicket(identity, home);
    await access.logout(identity, home);
    await expect(access.takeTicket(ticket)).rejects.toEqual(code("unauthorized"));
  });
});
