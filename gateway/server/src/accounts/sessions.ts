/**
 * The life of a login: opened, refreshed with tokens that rotate, checked at each use, ended. Called by access.ts only.
 * What a client holds is never stored: refresh tokens are kept as hashes, access tokens not at all.
 */
import { type Clock, newId, type SessionId, type UserId } from "@trueline/kit";
import { type SessionResponse, TruelineError } from "@trueline/protocol";
import type { Audit } from "../audit/audit.ts";
import type { Accounts, RevocationReason, SessionRow, UserRow } from "../ports/accounts.ts";
import type { TokenSigner } from "../ports/credentials.ts";
import type { Identity } from "./identity.ts";
import type { AccessLimits } from "./limits.ts";
import {
  firstRefreshToken,
  formatRefreshToken,
  hashSecret,
  nextRefreshToken,
  parseRefreshToken,
  type RefreshToken,
  sameHash,
} from "./secrets.ts";

export interface SessionsOptions {
  readonly accounts: Accounts;
  readonly audit: Audit;
  readonly clock: Clock;
  readonly signer: TokenSigner;
  readonly limits: AccessLimits;
  /** What successors of refresh tokens are derived with. */
  readonly refreshKey: string;
}

export interface Sessions {
  /** Undefined when the user was disabled, or got another password than the one that was checked, meanwhile. */
  open(
    user: UserRow,
  ): Promise<{ readonly session: SessionId; readonly response: SessionResponse } | undefined>;
  refresh(refreshToken: string, address: string): Promise<SessionResponse>;
  /** Whose access token it is, if its session still is one. */
  identify(accessToken: string): Promise<Identity | undefined>;
  identityOf(session: SessionId): Promise<Identity | undefined>;
  /** Whose session the refresh token is of, whether or not it is the valid one. Only for ending it. */
  holderOf(refreshToken: string): Promise<Identity | undefined>;
  /** Why the session is not good any more; undefined while it is. */
  flawOf(session: SessionId, user: UserId): Promise<RevocationReason | undefined>;
}

export function createSessions(options: SessionsOptions): Sessions {
  const { accounts, audit, clock, signer, limits, refreshKey } = options;

  async function open(user: UserRow) {
    const token = firstRefreshToken(newId("session"));
    const now = clock.now();
    const row: SessionRow = {
      id: token.session,
      user: user.id,
      familyHash: hashSecret(token.family),
      tokenHash: hashSecret(token.secret),
      rotatedAt: now,
      createdAt: now,
      expiresAt: now + limits.sessionHours * 3_600_000,
    };
    const { passwordHash } = user;
    const made = await accounts.createSession(row, passwordHash === undefined ? undefined : { passwordHash });
    return made ? { session: row.id, response: await respond(user, row, token) } : undefined;
  }

  async function refresh(refreshToken: string, address: string): Promise<SessionResponse> {
    const token = parseRefreshToken(refreshToken);
    const found = token && (await findOf(token));
    if (!token || !found) throw refused();
    const next = nextRefreshToken(token, refreshKey);
    if (await isValidNow(found.session, token, next)) return respond(found.user, found.session, next);
    await accounts.revoke({
      user: found.user.id,
      sessions: { only: token.session },
      reason: "session_revoked",
      at: clock.now(),
    });
    await audit.append({
      action: "refresh_reused",
      user: found.user.id,
      address,
      detail: { session: token.session },
    });
    throw refused();
  }

  /** True when it was the valid one and now is `next`; or when that happened a moment ago, and is answered again. */
  async function isValidNow(session: SessionRow, token: RefreshToken, next: RefreshToken): Promise<boolean> {
    const from = hashSecret(token.secret);
    const now = clock.now();
    const rotation = { from, to: hashSecret(next.secret), at: now };
    if (sameHash(from, session.tokenHash) && (await accounts.rotate(session.id, rotation))) return true;
    // Read again: a refresh of the same token may have been faster by a hair.
    const current = (await accounts.findSession(session.id))?.session;
    if (!current?.previousHash || !sameHash(from, current.previousHash)) return false;
    return Math.abs(now - current.rotatedAt) < limits.refreshGraceMs;
  }

  async function identityOf(session: SessionId): Promise<Identity | undefined> {
    const found = await findLive(session);
    return found && { user: viewOf(found.user), session };
  }

  async function findOf(token: RefreshToken) {
    const found = await findLive(token.session);
    return found && sameHash(hashSecret(token.family), found.session.familyHash) ? found : undefined;
  }

  async function findLive(id: SessionId) {
    const found = await accounts.findSession(id);
    const live = found && !found.user.disabled && clock.now() < found.session.expiresAt;
    return live ? found : undefined;
  }

  async function respond(user: UserRow, session: SessionRow, token: RefreshToken): Promise<SessionResponse> {
    const issuedAt = clock.now();
    const expiresAt = Math.min(issuedAt + limits.accessTokenSeconds * 1000, session.expiresAt);
    return {
      accessToken: await signer.sign({ user: user.id, session: session.id }, { issuedAt, expiresAt }),
      refreshToken: formatRefreshToken(token),
      expiresIn: Math.max(1, Math.floor((expiresAt - issuedAt) / 1000)),
      user: viewOf(user),
    };
  }

  return {
    open,
    refresh,
    identityOf,
    async holderOf(refreshToken) {
      const token = parseRefreshToken(refreshToken);
      const found = token && (await findOf(token));
      return found && { user: viewOf(found.user), session: found.session.id };
    },
    async identify(accessToken) {
      const claims = await signer.verify(accessToken, clock.now());
      const identity = claims && (await identityOf(claims.session));
      return identity?.user.id === claims?.user ? identity : undefined;
    },
    async flawOf(session, user) {
      const found = await accounts.findSession(session);
      if (!found || found.user.id !== user) return "session_revoked";
      if (found.user.disabled) return "user_disabled";
      return clock.now() < found.session.expiresAt ? undefined : "token_expired";
    },
  };
}

export const viewOf = ({ id, email, name, role }: UserRow): Identity["user"] => ({ id, email, name, role });

const refused = () => new TruelineError("unauthorized", "the session has ended: sign in again");
