/**
 * Who is asking. The one interface between the transport and accounts, whether they are ours (access.ts) or a team's
 * own (external.ts). There is no other way to an identity, and none that invents one (MG2).
 */
import type { SessionId, UserId } from "@trueline/kit";
import type { UserView } from "@trueline/protocol";
import type { RevocationReason } from "../ports/accounts.ts";

export interface Identity {
  readonly user: UserView & { readonly id: UserId };
  /** Null with a team's own accounts: then only all that a user has can be revoked. */
  readonly session: SessionId | null;
  /**
   * Milliseconds since 1970: the connection is closed `token_expired` then. Absent for our own accounts, whose sessions
   * end by revocation, so that a token may expire without anybody noticing. May be further away than a timer reaches.
   */
  readonly expiresAt?: number;
}

/** What is known of a request beside its token; what a team's own `verify` may look at. */
export interface RequestFacts {
  readonly address: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/** `session` null: everything of the user. Otherwise that session. */
export interface RevokedAccess {
  readonly user: UserId;
  readonly session: SessionId | null;
  /** Also the name of the close code. */
  readonly reason: RevocationReason;
}

/** `expiresIn`: seconds. */
export interface IssuedTicket {
  readonly ticket: string;
  readonly expiresIn: number;
}

export interface Authenticator {
  /** Of a bearer token; undefined when none came. Throws `TruelineError` `unauthorized`. */
  authenticate(bearer: string | undefined, request: RequestFacts): Promise<Identity>;
  issueTicket(identity: Identity, address: string): Promise<IssuedTicket>;
  /** Single use. Throws `TruelineError` `unauthorized`. */
  takeTicket(ticket: string): Promise<Identity>;
  /**
   * Why the identity is not good any more; undefined while it is. Ask once more after a socket has become reachable for
   * `onRevoked`'s listener: a revocation may have come between its authentication and that.
   */
  recheck(identity: Identity): Promise<RevocationReason | undefined>;
  /** Called for each revocation, within `revocationPollMs` of it, whichever process made it. Gives the way to stop. */
  onRevoked(listener: (revoked: RevokedAccess) => void): () => void;
  /** Ends whatever the user has, or one session of theirs. Gives how many sessions ended. */
  revoke(
    whom: { readonly user: UserId; readonly session?: SessionId | undefined },
    by: Actor,
  ): Promise<number>;
  /** Looks for revocations of other processes from now on, and drops what has expired. Gives the way to stop. */
  start(): () => void;
}

/** Who acts, for the audit log: a user's id, or the part of the system that acts by itself. */
export interface Actor {
  readonly by: UserId | "command_line" | "first_start" | "start" | "identity_provider" | "probe";
  readonly address: string | null;
}
