/** What every `Accounts` must do, whatever it is made of. Each adapter runs it, the fake too. */
import { newId, type UserId } from "@trueline/kit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Accounts, SessionRow, UserRow } from "../ports/accounts.ts";

export interface OpenAccounts {
  readonly accounts: Accounts;
  close(): Promise<void>;
}

const userRow = (email: string, fields: Partial<UserRow> = {}): UserRow => ({
  id: newId("user"),
  email,
  name: "Ada",
  role: "user",
  disabled: false,
  passwordHash: "hash",
  createdAt: 1,
  ...fields,
});

const sessionRow = (user: UserId, fields: Partial<SessionRow> = {}): SessionRow => ({
  id: newId("session"),
  user,
  familyHash: "family",
  tokenHash: "token-1",
  rotatedAt: 10,
  createdAt: 10,
  expiresAt: 1000,
  ...fields,
});

export function accountsSuite(name: string, open: () => Promise<OpenAccounts>): void {
  describe(`Accounts: ${name}`, () => {
    let opened: OpenAccounts;
    let accounts: Accounts;
    beforeEach(async () => {
      opened = await open();
      accounts = opened.accounts;
    });
    afterEach(() => opened.close());

    async function signedIn(email = "ada@example.com"): Promise<{ user: UserRow; session: SessionRow }> {
      const user = userRow(email);
      await accounts.createUser(user);
      const session = sessionRow(user.id);
      await accounts.createSession(session);
      return { user, session };
    }

    describe("users", () => {
      it("AU1: the first user is the first that is a person's, and for what others were made stays with them", async () => {
        const demo = userRow("ada@example.com", { purpose: "demo" });
        expect(await accounts.createUser(demo)).toBe(true);
        expect(await accounts.getUser(demo.id)).toEqual(demo);
        expect(await accounts.createFirstUser(userRow("admin@example.com"))).toBe(true);
        expect(await accounts.createFirstUser(userRow("other@example.com"))).toBe(false);
      });

      it("AU1: an e-mail is one account, however it is written", async () => {
        const ada = userRow("Ada@Example.com");
        expect(await accounts.createUser(ada)).toBe(true);
        expect(await accounts.createUser(userRow("ada@example.COM"))).toBe(false);
        expect(await accounts.findUserByEmail("ADA@example.com")).toEqual(ada);
        expect(await accounts.getUser(ada.id)).toEqual(ada);
        expect(await accounts.findUserByEmail("bob@example.com")).toBeUndefined();
      });

      it("AU1: of two first users at once one is made, and none later", async () => {
        const made = await Promise.all([
          accounts.createFirstUser(userRow("a@example.com")),
          accounts.createFirstUser(userRow("b@example.com")),
        ]);
        expect(made.sort()).toEqual([false, true]);
        expect(await accounts.createFirstUser(userRow("c@example.com"))).toBe(false);
      });

      it("AU1: a subject of a provider is one account; with a taken e-mail neither row is made", async () => {
        const subject = { issuer: "https://id.example", subject: "42" };
        const { passwordHash: _, ...ada } = userRow("ada@example.com");
        expect(await accounts.createUser(ada, subject)).toBe(true);
        expect(await accounts.findUserBySubject(subject)).toEqual(ada);
        expect(await accounts.createUser(userRow("other@example.com"), subject)).toBe(false);
        expect(await accounts.findUserByEmail("other@example.com")).toBeUndefined();
        const elsewhere = { issuer: "https://elsewhere.example", subject: "42" };
        expect(await accounts.createUser(userRow("ada@example.com"), elsewhere)).toBe(false);
        expect(await accounts.findUserBySubject(elsewhere)).toBeUndefined();
      });

      it("AU1: users are listed page by page", async () => {
        for (const letter of "abcde") await accounts.createUser(userRow(`${letter}@example.com`));
        const first = await accounts.listUsers({ limit: 3 });
        const after = first.at(-1)?.id;
        const rest = await accounts.listUsers({ limit: 3, ...(after ? { after } : {}) });
        expect([...first, ...rest].map(({ email }) => email[0]).sort()).toEqual([..."abcde"]);
      });
    });

    describe("sessions", () => {
      it("AU1: of two rotations of the same refresh token one is done", async () => {
        const { user, session } = await signedIn();
        const rotations = ["token-2", "token-3"].map((to) =>
          accounts.rotate(session.id, { from: "token-1", to, at: 20 }),
        );
        expect((await Promise.all(rotations)).sort()).toEqual([false, true]);
        const found = await accounts.findSession(session.id);
        expect(found?.user).toEqual(user);
        expect(found?.session).toMatchObject({ previousHash: "token-1", rotatedAt: 20 });
        expect(found?.session.tokenHash).toMatch(/token-[23]/);
      });

      it("AU3: no session is made for a disabled user, nor with a password that was replaced meanwhile", async () => {
        const { user } = await signedIn();
        const fresh = () => sessionRow(user.id);
        expect(await accounts.createSession(fresh(), { passwordHash: "hash" })).toBe(true);
        expect(await accounts.createSession(fresh(), { passwordHash: "older" })).toBe(false);
        await accounts.setDisabled(user.id, true, 20);
        expect(await accounts.createSession(fresh())).toBe(false);
        expect(await accounts.listSessions(user.id)).toEqual([]);
      });

      it("AU3: a revoked session is gone, is recorded, and another user's is not touched", async () => {
        const { user, session } = await signedIn();
        const other = await signedIn("bob@example.com");
        const revoke = { user: user.id, reason: "session_revoked", at: 20 } as const;
        expect(await accounts.revoke({ ...revoke, sessions: { only: other.session.id } })).toEqual([]);
        expect(await accounts.revoke({ ...revoke, sessions: { only: session.id } })).toEqual([session.id]);
        expect(await accounts.findSession(session.id)).toBeUndefined();
        expect(await accounts.findSession(other.session.id)).toBeDefined();
        const { reason, at } = revoke;
        expect(await accounts.revocationsAfter(0)).toEqual([
          { id: await accounts.lastRevocation(), user: user.id, session: session.id, reason, at },
        ]);
      });

      it("AU3: a new password ends the other sessions in the same step", async () => {
        const { user, session } = await signedIn();
        const other = sessionRow(user.id);
        await accounts.createSession(other);
        const revoke = { user: user.id, reason: "password_changed", at: 30 } as const;
        const done = await accounts.setPassword(user.id, "new", {
          ...revoke,
          sessions: { except: session.id },
        });
        expect(done).toBe(true);
        expect((await accounts.getUser(user.id))?.passwordHash).toBe("new");
        expect((await accounts.listSessions(user.id)).map(({ id }) => id)).toEqual([session.id]);
        expect(await accounts.revocationsAfter(0)).toMatchObject([
          { session: other.id, reason: "password_changed" },
        ]);
        const nobody = newId("user");
        expect(await accounts.setPassword(nobody, "new", { ...revoke, user: nobody, sessions: "all" })).toBe(
          false,
        );
      });

      it("AU3: disabling ends all that the user has, tickets too, and is recorded even without a session", async () => {
        const user = userRow("ada@example.com");
        await accounts.createUser(user);
        await accounts.putGrant({ kind: "ticket", user: user.id, hash: "t", value: "{}", expiresAt: 1000 });
        expect(await accounts.setDisabled(user.id, true, 20)).toBe(true);
        expect((await accounts.getUser(user.id))?.disabled).toBe(true);
        expect(await accounts.takeGrant("ticket", "t", 21)).toBeUndefined();
        expect(await accounts.revocationsAfter(0)).toMatchObject([
          { user: user.id, session: null, reason: "user_disabled" },
        ]);
        expect(await accounts.setDisabled(newId("user"), true, 20)).toBe(false);
      });

      it("AU3: sweeping ends expired sessions as a revocation, and ids of revocations never go back", async () => {
        const { user, session } = await signedIn();
        await accounts.revoke({ user: user.id, sessions: "all", reason: "session_revoked", at: 20 });
        const last = await accounts.lastRevocation();
        const late = sessionRow(user.id, { expiresAt: 500 });
        await accounts.createSession(late);
        await accounts.sweep(499, 400);
        expect(await accounts.findSession(late.id)).toBeDefined();
        expect(await accounts.lastRevocation()).toBe(last);
        await accounts.sweep(500, 400);
        expect(await accounts.findSession(late.id)).toBeUndefined();
        expect(await accounts.revocationsAfter(last)).toMatchObject([
          { session: late.id, reason: "token_expired" },
        ]);
        expect(await accounts.findSession(session.id)).toBeUndefined();
      });
    });

    describe("grants and secrets", () => {
      const grant = { kind: "ticket", user: null, hash: "h", value: '{"a":1}', expiresAt: 1000 } as const;

      it("AU2: of many who take a grant at once one gets it", async () => {
        await accounts.putGrant(grant);
        const taken = await Promise.all(
          Array.from({ length: 8 }, () => accounts.takeGrant("ticket", "h", 500)),
        );
        expect(taken.filter((value) => value !== undefined)).toEqual([grant.value]);
      });

      it("AU2: a grant is good for its kind and until it expires", async () => {
        await accounts.putGrant(grant);
        expect(await accounts.takeGrant("oidc_session", "h", 500)).toBeUndefined();
        expect(await accounts.takeGrant("ticket", "h", 1000)).toBeUndefined();
        expect(await accounts.takeGrant("ticket", "h", 500)).toBeUndefined();
      });

      it("AU1: a kept secret is the first that was proposed", async () => {
        expect(await accounts.keepSecret("key", "one")).toBe("one");
        expect(await accounts.keepSecret("key", "two")).toBe("one");
        expect(await accounts.keepSecret("other", "two")).toBe("two");
      });
    });
  });
}
