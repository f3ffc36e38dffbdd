import type { UserId } from "@trueline/kit";
import { createExternalAccess, type RevokedAccess, type VerifyUser } from "@trueline/server";
import { describe, expect, it } from "vitest";
import { accessFixture, home, request } from "../support/access-fixture.ts";

const code = (expected: string) => expect.objectContaining({ code: expected });

async function external(verify: VerifyUser) {
  const fixture = await accessFixture();
  return { ...fixture, access: await createExternalAccess({ ...fixture.options, verify }) };
}

describe("a team's own accounts", () => {
  it("AU6: the user is who the verify function says, from the token or from anything else of the request", async () => {
    const verify: VerifyUser = (token, { headers }) =>
      token === "t1"
        ? { id: "team-7", email: "eva@team.example", name: "Eva", role: "administrator" }
        : headers.cookie === "sid=8"
          ? { id: "team-8" }
          : undefined;
    const { access } = await external(verify);
    expect(await access.authenticate("t1", request)).toEqual({
      user: { id: "team-7", email: "eva@team.example", name: "Eva", role: "administrator" },
      session: null,
    });
    const byCookie = await access.authenticate(undefined, { address: home, headers: { cookie: "sid=8" } });
    expect(byCookie.user).toEqual({ id: "team-8", email: "", name: "team-8", role: "user" });
    await expect(access.authenticate("t2", request)).rejects.toEqual(code("unauthorized"));
  });

  it("AU6: a verify function that fails, or gives what is no user, lets nobody in and is logged", async () => {
    const failing = await external(() => Promise.reject(new Error("directory is down")));
    await expect(failing.access.authenticate("t", request)).rejects.toEqual(code("unauthorized"));
    expect(failing.errors).toHaveLength(1);
    const nameless = await external(() => ({ id: "" }));
    await expect(nameless.access.authenticate("t", request)).rejects.toEqual(code("unauthorized"));
    expect(nameless.errors).toHaveLength(1);
  });

  it("AU6: what expires says when, and is refused from then on, as a ticket too", async () => {
    const { access, clock } = await external(() => ({ id: "team-7", expiresAt: clockAt() + 10_000 }));
    const clockAt = (() => {
      const start = clock.now();
      return () => start;
    })();
    const identity = await access.authenticate("t", request);
    expect(identity.expiresAt).toBe(clock.now() + 10_000);
    const [first, second] = [
      await access.issueTicket(identity, home),
      await access.issueTicket(identity, home),
    ];
    expect(await access.takeTicket(first.ticket)).toEqual(identity);
    await expect(access.takeTicket(first.ticket)).rejects.toEqual(code("unauthorized"));
    clock.advance(10_000);
    expect(await access.recheck(identity)).toBe("token_expired");
    await expect(access.takeTicket(second.ticket)).rejects.toEqual(code("unauthorized"));
    await expect(access.authenticate("t", request)).rejects.toEqual(code("unauthorized"));
  });

  it("AU6, AU3: a revocation in the middle of an upgrade is found when access is checked again, one before it is not", async () => {
    const { access } = await external((token) => ({ id: token ?? "" }));
    const revoke = (user: UserId) => access.revoke({ user }, { by: "command_line", address: null });
    await revoke("team-7" as UserId);
    const byToken = await access.authenticate("team-7", request);
    const { ticket } = await access.issueTicket(byToken, home);
    const byTicket = await access.takeTicket(ticket);
    await revoke("team-8" as UserId);
    expect(await Promise.all([byToken, byTicket].map(access.recheck))).toEqual([undefined, undefined]);
    await revoke("team-7" as UserId);
    expect(await Promise.all([byToken, byTicket].map(access.recheck))).toEqual([
      "session_revoked",
      "session_revoked",
    ]);
    expect(await access.recheck(await access.authenticate("team-7", request))).toBeUndefined();
  });

  it("AU3: revoking somebody takes their tickets and tells the listeners", async () => {
    const { access, actions } = await external(() => ({ id: "team-7" }));
    const revoked: RevokedAccess[] = [];
    access.onRevoked((revocation) => revoked.push(revocation));
    const identity = await access.authenticate("t", request);
    const { ticket } = await access.issueTicket(identity, home);
    await access.revoke({ user: identity.user.id }, { by: "command_line", address: null });
    expect(revoked).toEqual([{ user: "team-7", session: null, reason: "session_revoked" }]);
    await expect(access.takeTicket(ticket)).rejects.toEqual(code("unauthorized"));
    expect(await actions()).toEqual(["user_created", "ticket", "revoke"]);
  });
});
