/**
 * Where accounts are kept: users, their sessions, one-time grants (tickets and the like), revocations, keys.
 * Secrets come here only as hashes. The store knows no rules beyond what must hold in one transaction; those of access
 * are in accounts/. Adapters run the contract suite in testing/accounts-suite.ts.
 *
 * Times are milliseconds since 1970, always given by the caller: a store has no clock.
 */
import type { SessionId, UserId } from "@trueline/kit";
import type { UserView } from "@trueline/protocol";

export interface UserRow {
  readonly id: UserId;
  /** As it was typed; unique without regard to case. */
  readonly email: string;
  readonly name: string;
  readonly role: UserView["role"];
  readonly disabled: boolean;
  /** Absent for a user who signs in at an identity provider only. */
  readonly passwordHash?: string;
  readonly createdAt: number;
  /** For what it was made, when it is no person's. */
  readonly purpose?: AccountPurpose;
}

/**
 * `demo`: its password is known to everybody, so it is let in only while the demo runs. `probe`: its password is known
 * to nobody.
 */
export const accountPurposes = ["demo", "probe"] as const;
export type AccountPurpose = (typeof accountPurposes)[number];

/** Who a user is at an identity provider. The pair never changes there; an e-mail address can. */
export interface ProviderSubject {
  readonly issuer: string;
  readonly subject: string;
}

/** One login. Its refresh tokens all carry the family secret; `tokenHash` is of the one that is valid now. */
export interface SessionRow {
  readonly id: SessionId;
  readonly user: UserId;
  readonly familyHash: string;
  readonly tokenHash: string;
  /** Of the token that the valid one replaced, at `rotatedAt`. */
  readonly previousHash?: string;
  readonly rotatedAt: number;
  readonly createdAt: number;
  readonly expiresAt: number;
}

export interface Rotation {
  readonly from: string;
  readonly to: string;
  readonly at: number;
}

/** What a one-time secret is good for. The same hash of another kind is another grant. */
export const grantKinds = ["ticket", "oidc_flow", "oidc_session"] as const;
export type GrantKind = (typeof grantKinds)[number];

export interface Grant {
  readonly kind: GrantKind;
  /** Null: nobody yet. */
  readonly user: UserId | null;
  /** SHA-256 of the secret. */
  readonly hash: string;
  /** JSON text. */
  readonly value: string;
  readonly expiresAt: number;
}

/** Why sessions ended; the name of the close code that their sockets get. */
export const revocationReasons = [
  "session_revoked",
  "user_disabled",
  "password_changed",
  "token_expired",
] as const;
export type RevocationReason = (typeof revocationReasons)[number];

export interface RevocationRow {
  /** Rises in the order in which revocations become visible to readers. */
  readonly id: number;
  readonly user: UserId;
  /** Null: whatever the user has. */
  readonly session: SessionId | null;
  readonly reason: RevocationReason;
  readonly at: number;
}

/** Which sessions of a user end. `all` ends the user's grants too, and whatever connections have no session of ours. */
export type SessionChoice = "all" | { readonly only: SessionId } | { readonly except: SessionId };

export interface Revoke {
  readonly user: UserId;
  readonly sessions: SessionChoice;
  readonly reason: RevocationReason;
  readonly at: number;
}

export interface Accounts {
  /** False when the e-mail, or the subject at its provider, is taken. With `subject`, both rows or none. */
  createUser(user: UserRow, subject?: ProviderSubject): Promise<boolean>;
  /** Creates it only when no user is a person's (has no `purpose`), checked and done in one step. */
  createFirstUser(user: UserRow): Promise<boolean>;
  getUser(id: UserId): Promise<UserRow | undefined>;
  findUserByEmail(email: string): Promise<UserRow | undefined>;
  findUserBySubject(subject: ProviderSubject): Promise<UserRow | undefined>;
  /** In the order of their ids, those after `after`. */
  listUsers(page: { readonly after?: UserId; readonly limit: number }): Promise<readonly UserRow[]>;

  /** In one transaction with the revocation of the sessions it names. False when there is no such user. */
  setPassword(user: UserId, passwordHash: string, revoke: Revoke): Promise<boolean>;
  /** Disabling ends all sessions in the same transaction. False when there is no such user. */
  setDisabled(user: UserId, disabled: boolean, at: number): Promise<boolean>;

  /**
   * False, and nothing is made, when its user is disabled or has (any more) another password hash than the one that was
   * checked: a login that races with a new password does not survive it.
   */
  createSession(session: SessionRow, checked?: { readonly passwordHash: string }): Promise<boolean>;
  /** With its user, whatever state either is in; undefined once it has ended. */
  findSession(id: SessionId): Promise<{ readonly session: SessionRow; readonly user: UserRow } | undefined>;
  /** Newest first. */
  listSessions(user: UserId): Promise<readonly SessionRow[]>;
  /** Replaces the valid refresh token, if it is still `from`: of two rotations at once one is done. */
  rotate(session: SessionId, rotation: Rotation): Promise<boolean>;
  /** Ends the sessions, in one transaction with their revocations. Gives those that were there. */
  revoke(revoke: Revoke): Promise<readonly SessionId[]>;

  putGrant(grant: Grant): Promise<void>;
  /** Takes it out and gives its value, once, and only until it expires. */
  takeGrant(kind: GrantKind, hash: string, now: number): Promise<string | undefined>;

  /** Revocations after the one with this id, oldest first, whichever process made them. */
  revocationsAfter(id: number): Promise<readonly RevocationRow[]>;
  /** Id of the newest revocation; 0 when there was none yet. Never goes back, not after `sweep` either. */
  lastRevocation(): Promise<number>;

  /** Ends expired sessions (`token_expired`), drops expired grants and revocations from before `forgetBefore`. */
  sweep(now: number, forgetBefore: number): Promise<void>;

  /** The secret of this name: what was kept first is what everyone gets, ever after. */
  keepSecret(name: string, proposed: string): Promise<string>;
}
