/**
 * Our own accounts: sign in, stay signed in, get in, be thrown out (AU1–AU3). Everything that it does is in the audit
 * log before it is answered. Called by the HTTP routes and, as an `Authenticator`, by the transport.
 *
 * Refusals are thrown as `TruelineError`. How often somebody may try is counted outside, by network address and user.
 */
import { type Clock, randomToken, type SessionId, type UserId } from "@trueline/kit";
import { type SessionResponse, TruelineError } from "@trueline/protocol";
import type { Audit } from "../audit/audit.ts";
import type { Accounts, ProviderSubject, UserRow } from "../ports/accounts.ts";
import type { PasswordHasher, TokenSigner } from "../ports/credentials.ts";
import type { Logger } from "../ports/observer.ts";
import { type Administration, checkedPassword, createAdministration } from "./administration.ts";
import { createGrants, type Grants } from "./grants.ts";
import type { Authenticator, Identity } from "./identity.ts";
import type { AccessLimits } from "./limits.ts";
import { createRevocations } from "./revocations.ts";
import { createSessions } from "./sessions.ts";

export interface AccessOptions {
  readonly accounts: Accounts;
  readonly audit: Audit;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly hasher: PasswordHasher;
  readonly signer: TokenSigner;
  readonly limits: AccessLimits;
}

/** What an identity provider vouches for. `email`: only one that the provider has verified. */
export interface ProvenSubject extends ProviderSubject {
  readonly email?: string;
  readonly name?: string;
}

export interface Access extends Authenticator {
  /** Throws `invalid_credentials`: the same, after the same time, for an unknown e-mail and a wrong password. */
  login(credentials: { email: string; password: string }, address: string): Promise<SessionResponse>;
  /** Throws `unauthorized`. A token that was used already ends its session, unless that was a moment ago. */
  refresh(refreshToken: string, address: string): Promise<SessionResponse>;
  logout(identity: Identity, address: string): Promise<void>;
  /** For somebody whose access token has expired. Throws `unauthorized`. */
  logoutByRefreshToken(refreshToken: string, address: string): Promise<void>;
  /** Ends all other sessions of the user. Throws `invalid_credentials` when `current` is wrong. */
  changePassword(
    identity: Identity,
    passwords: { current: string; next: string },
    address: string,
  ): Promise<void>;
  /**
   * Whose account the subject is, by issuer and subject and nothing else. One that is new gets an account if `signUp`.
   * Throws `forbidden`.
   */
  admit(subject: ProvenSubject, policy: { readonly signUp: boolean }, address: string): Promise<UserId>;
  /** Signs in a user whom an identity provider vouched for. */
  loginAdmitted(user: UserId, address: string): Promise<SessionResponse>;
  readonly grants: Grants;
  readonly administration: Administration;
}

export async function createAccess(options: AccessOptions): Promise<Access> {
  const { accounts, audit, clock, hasher, limits } = options;
  const revocations = await createRevocations({ ...options, pollMs: limits.revocationPollMs });
  const refreshKey = await accounts.keepSecret("refresh_token_key", randomToken(32));
  const sessions = createSessions({ ...options, refreshKey });
  const grants = createGrants(options);
  const administration = createAdministration({ ...options, pull: revocations.pull });
  /** Checked in place of a hash that is not there, so that an unknown e-mail takes as long as a known one. */
  const decoy = await hasher.hash(randomToken(16));

  async function login({ email, password }: { email: string; password: string }, address: string) {
    const user = await accounts.findUserByEmail(email);
    const matches = await hasher.verify(user?.passwordHash ?? decoy, password);
    const good = user?.passwordHash !== undefined && matches && !user.disabled;
    const opened = good ? await sessions.open(user) : undefined;
    if (user && opened) return signedIn(user, opened, "password", address);
    const code = "invalid_credentials";
    await audit.append({
      action: "login_refused",
      user: user?.id ?? null,
      by: null,
      address,
      detail: { code, email: legibleEmail(email) },
    });
    throw new TruelineError(code, "the e-mail address or the password is wrong");
  }

  type Opened = NonNullable<Awaited<ReturnType<typeof sessions.open>>>;
  async function signedIn(user: UserRow, { session, response }: Opened, way: string, address: string) {
    await audit.append({ action: "login", user: user.id, address, detail: { session, way } });
    return response;
  }

  async function changePassword(
    identity: Identity,
    passwords: { current: string; next: string },
    address: string,
  ) {
    const { id } = identity.user;
    const user = await accounts.getUser(id);
    if (!user?.passwordHash || !identity.session) {
      throw new TruelineError("forbidden", "this account has no password here");
    }
    const next = checkedPassword(passwords.next);
    if (!(await hasher.verify(user.passwordHash, passwords.current))) {
      await audit.append({
        action: "login_refused",
        user: id,
        address,
        detail: { code: "invalid_credentials", way: "change" },
      });
      throw new TruelineError("invalid_credentials", "the current password is wrong");
    }
    await administration.replacePassword(id, next, { except: identity.session }, { by: id, address });
  }

  async function admit(
    subject: ProvenSubject,
    policy: { readonly signUp: boolean },
    address: string,
  ): Promise<UserId> {
    const known = await accounts.findUserBySubject(subject);
    if (known && !known.disabled) return known.id;
    const user = known || !policy.signUp ? undefined : await administration.signUp(subject, address);
    if (user) return user;
    await audit.append({
      action: "login_refused",
      user: known?.id ?? null,
      by: "identity_provider",
      address,
      detail: { code: "forbidden", issuer: subject.issuer, subject: subject.subject },
    });
    throw new TruelineError("forbidden", "this account may not sign in here");
  }

  async function loginAdmitted(id: UserId, address: string): Promise<SessionResponse> {
    const user = await accounts.getUser(id);
    const opened = user && (await sessions.open(user));
    if (!user || !opened) throw new TruelineError("forbidden", "this account may not sign in here");
    return signedIn(user, opened, "oidc", address);
  }

  return {
    login,
    changePassword,
    admit,
    loginAdmitted,
    grants,
    administration,

    async refresh(refreshToken, address) {
      try {
        return await sessions.refresh(refreshToken, address);
      } finally {
        await revocations.pull();
      }
    },
    logout,
    async logoutByRefreshToken(refreshToken, address) {
      const holder = await sessions.holderOf(refreshToken);
      await logout(holder ?? refuse("the session has ended already"), address);
    },

    async authenticate(bearer) {
      const identity = bearer === undefined ? undefined : await sessions.identify(bearer);
      return identity ?? refuse("sign in first");
    },
    async issueTicket({ user, session }, address) {
      const seconds = limits.ticketSeconds;
      const ticket = await grants.give({ kind: "ticket", user: user.id, value: { session }, seconds });
      await audit.append({ action: "ticket", user: user.id, address, detail: { session } });
      return { ticket, expiresIn: seconds };
    },
    async takeTicket(ticket) {
      const grant = (await grants.take("ticket", ticket)) as { session: SessionId } | undefined;
      const identity = grant && (await sessions.identityOf(grant.session));
      return identity ?? refuse("the ticket is not valid, or not any more");
    },
    recheck: async ({ user, session }) => (session ? sessions.flawOf(session, user.id) : "session_revoked"),
    onRevoked: revocations.onRevoked,
    start: revocations.start,
    revoke: administration.revoke,
  };

  async function logout({ user: { id: user }, session }: Identity, address: string): Promise<void> {
    if (!session) return;
    await accounts.revoke({ user, sessions: { only: session }, reason: "session_revoked", at: clock.now() });
    await revocations.pull();
    await audit.append({ action: "logout", user, address, detail: { session } });
  }
}

function refuse(why: string): never {
  throw new TruelineError("unauthorized", why);
}

/** Somebody may have typed the password into the field of the address. */
const legibleEmail = (email: string): string =>
  /^[^@\s]+@[^@\s]+$/.test(email) ? email : "[not an address]";
