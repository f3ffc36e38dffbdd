import { createAccess, type RevokedAccess } from "@trueline/server";
import { describe, expect, it } from "vitest";
import { accessFixture, ada, home, request } from "../support/access-fixture.ts";

const code = (expected: string) => expect.objectContaining({ code: expected });
const administrator = { by: "command_line", address: null } as const;

async function signedIn() {
  const fixture = await accessFixture();
  const { access } = fixture;
  const revoked: RevokedAccess[] = [];
  access.onRevoked((revocation) => revoked.push(revocation));
  const login = async () => {
    const tokens = await access.login(ada, home);
    return { ...tokens, identity: await access.authenticate(tokens.accessToken, request) };
  };
  return { ...fixture, revoked, login, phone: await login(), laptop: await login() };
}

describe("revocation", () => {
  it("AU3: a revoked session is over at once, with its tokens; the other goes on", async () => {
    const { access, user, phone, laptop, revoked, actions } = await signedIn();
    expect(await access.recheck(phone.identity)).toBeUndefined();
    await access.revoke({ user: user.id, session: phone.identity.session ?? undefined }, administrator);
    expect(revoked).toEqual([{ user: user.id, session: phone.identity.session, reason: "session_revoked" }]);
    expect(await access.recheck(phone.identity)).toBe("session_revoked");
    await expect(access.authenticate(phone.accessToken, request)).rejects.toEqual(code("unauthorized"));
    await expect(access.refresh(phone.refreshToken, home)).rejects.toEqual(code("unauthorized"));
    await access.authenticate(laptop.accessToken, request);
    expect(await actions()).toContain("revoke");
  });

  it("AU3: one who is disabled is out everywhere, and comes back only by signing in anew", async () => {
    const { access, user, phone, laptop, revoked, login } = await signedIn();
    const { ticket } = await access.issueTicket(phone.identity, home);
    await access.administration.setDisabled(user.id, true, administrator);
    expect(revoked).toEqual([{ user: user.id, session: null, reason: "user_disabled" }]);
    for (const attempt of [
      access.authenticate(phone.accessToken, request),
      access.refresh(laptop.refreshToken, home),
      access.takeTicket(ticket),
    ]) {
      await expect(attempt).rejects.toEqual(code("unauthorized"));
    }
    await access.administration.setDisabled(user.id, false, administrator);
    await expect(access.authenticate(phone.accessToken, request)).rejects.toEqual(code("unauthorized"));
    await login();
  });

  it("AU3: a new password closes all but the session it was changed on", async () => {
    const { access, phone, laptop, revoked, user } = await signedIn();
    const change = (current: string, next: string) =>
      access.changePassword(phone.identity, { current, next }, home);
    await expect(change("wrong", "battery staple")).rejects.toEqual(code("invalid_credentials"));
    await expect(change(ada.password, "short")).rejects.toEqual(code("invalid_request"));
    expect(revoked).toEqual([]);
    await change(ada.password, "battery staple");
    expect(revoked).toEqual([
      { user: user.id, session: laptop.identity.session, reason: "password_changed" },
    ]);
    await access.authenticate(phone.accessToken, request);
    await expect(access.authenticate(laptop.accessToken, request)).rejects.toEqual(code("unauthorized"));
    await expect(access.login(ada, home)).rejects.toEqual(code("invalid_credentials"));
    await access.login({ ...ada, password: "battery staple" }, home);
  });

  it("AU3: a login that was begun with the old password does not survive the new one", async () => {
    const { access, options, user } = await signedIn();
    let changed = false;
    const hasher = {
      ...options.hasher,
      async verify(hash: string, password: string) {
        const matches = await options.hasher.verify(hash, password);
        if (!changed) await access.administration.setPassword(user.id, "battery staple", administrator);
        changed = true;
        return matches;
      },
    };
    const slow = await createAccess({ ...options, hasher });
    await expect(slow.login(ada, home)).rejects.toEqual(code("invalid_credentials"));
  });

  it("AU3: another process on the same store learns of it by looking, once", async () => {
    const { access, options, user } = await signedIn();
    const elsewhere = await createAccess({ ...options, limits: { ...options.limits, revocationPollMs: 1 } });
    const told = new Promise<RevokedAccess>((resolve) => elsewhere.onRevoked(resolve));
    const seen: RevokedAccess[] = [];
    elsewhere.onRevoked((revocation) => seen.push(revocation));
    const stop = elsewhere.start();
    await access.administration.setDisabled(user.id, true, administrator);
    expect(await told).toEqual({ user: user.id, session: null, reason: "user_disabled" });
    stop();
    await elsewhere.administration.setDisabled(user.id, true, administrator);
    expect(seen).toHaveLength(2);
  });

  it("AU3: revocations that come at once are each told once, in order", async () => {
    const { access, user, phone, laptop, revoked } = await signedIn();
    const sessions = [phone, laptop].map(({ identity }) => identity.session ?? undefined);
    await Promise.all(sessions.map((session) => access.revoke({ user: user.id, session }, administrator)));
    expect(revoked.map(({ session }) => session)).toEqual(sessions);
  });

  it("AU3: a listener that fails does not keep the others from hearing of it", async () => {
    const { access, user, errors } = await accessFixture();
    const heard: RevokedAccess[] = [];
    access.onRevoked(() => {
      throw new Error("broken listener");
    });
    const stop = access.onRevoked((revocation) => heard.push(revocation));
    await access.revoke({ user: user.id }, administrator);
    stop();
    await access.revoke({ user: user.id }, administrator);
    expect(heard).toHaveLength(1);
    expect(errors).toHaveLength(2);
  });

  it("AU3: a token that expires is not noticed while the session lives; a session that expires is", async () => {
    const { access, clock, phone, accounts } = await signedIn();
    clock.advance(20 * 60_000);
    expect(phone.identity.expiresAt).toBeUndefined();
    expect(await access.recheck(phone.identity)).toBeUndefined();
    clock.advance(30 * 24 * 3_600_000);
    expect(await access.recheck(phone.identity)).toBe("token_expired");
    await expect(access.refresh(phone.refreshToken, home)).rejects.toEqual(code("unauthorized"));
    await accounts.sweep(clock.now(), 0);
    expect(await accounts.revocationsAfter(0)).toHaveLength(2);
  });

  it("AU3: signing out ends the session by its access token, or by its refresh token when that has expired", async () => {
    const { access, clock, phone, laptop, revoked, actions } = await signedIn();
    await access.logout(phone.identity, home);
    clock.advance(16 * 60_000);
    await access.logoutByRefreshToken(laptop.refreshToken, home);
    expect(revoked.map(({ session }) => session)).toEqual([phone.identity.session, laptop.identity.session]);
    await expect(access.logoutByRefreshToken(laptop.refreshToken, home)).rejects.toEqual(
      code("unauthorized"),
    );
    expect((await actions()).filter((action) => action === "logout")).toHaveLength(2);
  });

  it("MG2: without a token, and with one that is none, there is no identity", async () => {
    const { access } = await accessFixture();
    for (const bearer of [undefined, "", "garbage", '{"user":"x","session":"y","expiresAt":1}']) {
      await expect(access.authenticate(bearer, request)).rejects.toEqual(code("unauthorized"));
    }
  });
});
