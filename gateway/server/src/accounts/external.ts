/**
 * A team's own accounts (AU6): who somebody is, their verify function says; everything after that (tickets, closing
 * sockets, the audit log) is as with ours. Passwords, sessions and refreshing are the team's.
 */
import type { Clock, UserId } from "@trueline/kit";
import { TruelineError, userViewSchema } from "@trueline/protocol";
import { z } from "zod";
import type { Audit } from "../audit/audit.ts";
import type { Accounts } from "../ports/accounts.ts";
import type { Logger } from "../ports/observer.ts";
import { revokeSessions } from "./administration.ts";
import { createGrants } from "./grants.ts";
import type { Authenticator, Identity, RequestFacts } from "./identity.ts";
import type { AccessLimits } from "./limits.ts";
import { createRevocations } from "./revocations.ts";

export const externalUserSchema = z.object({
  /** What the team calls the user; never changes, and is never another's. */
  id: z.string().min(1).max(256),
  email: z.string().max(320).default(""),
  name: z.string().max(200).default(""),
  role: userViewSchema.shape.role.default("user"),
  /** Milliseconds since 1970: when what proved the identity expires. Absent: never. */
  expiresAt: z.number().optional(),
});
export type ExternalUser = z.input<typeof externalUserSchema>;

/**
 * Gives the user of a request, or undefined when it proves none. `token`: the bearer token, if one came. A rejection is
 * logged and the request refused.
 */
export type VerifyUser = (
  token: string | undefined,
  request: RequestFacts,
) => Promise<ExternalUser | undefined> | ExternalUser | undefined;

export interface ExternalAccessOptions {
  readonly verify: VerifyUser;
  /** Only its grants and revocations are used. */
  readonly accounts: Accounts;
  readonly audit: Audit;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly limits: AccessLimits;
}

export async function createExternalAccess(options: ExternalAccessOptions): Promise<Authenticator> {
  const { verify, audit, clock, logger, limits } = options;
  const revocations = await createRevocations({ ...options, pollMs: limits.revocationPollMs });
  const grants = createGrants(options);

  /**
   * Where in the list of revocations each identity was proven. The identities of a request or an upgrade, for as long as
   * it holds them: what is revoked in the middle of an upgrade is found by asking for what came since (AU3).
   */
  const provenAt = new WeakMap<Identity, number>();

  /** The position is taken before the proof, so that nothing falls in between. */
  async function proven(prove: () => Promise<Identity | undefined>, why: string): Promise<Identity> {
    const position = revocations.position();
    const identity = await prove();
    if (!identity || !live(identity)) throw new TruelineError("unauthorized", why);
    provenAt.set(identity, position);
    return identity;
  }

  async function verified(token: string | undefined, request: RequestFacts): Promise<Identity | undefined> {
    try {
      const given = await verify(token, request);
      return given && identityOf(externalUserSchema.parse(given));
    } catch (error) {
      logger.error({ err: error, address: request.address }, "the accounts' verify function failed");
      return undefined;
    }
  }

  const live = (identity: Identity): boolean =>
    identity.expiresAt === undefined || clock.now() < identity.expiresAt;

  return {
    authenticate: (bearer, request) => proven(() => verified(bearer, request), "sign in first"),
    async issueTicket(identity, address) {
      const { id } = identity.user;
      const seconds = limits.ticketSeconds;
      const ticket = await grants.give({ kind: "ticket", user: id, value: identity, seconds });
      await audit.append({ action: "ticket", user: id, address });
      return { ticket, expiresIn: seconds };
    },
    takeTicket: (ticket) =>
      proven(
        async () => (await grants.take("ticket", ticket)) as Identity | undefined,
        "the ticket is not valid, or not any more",
      ),
    async recheck(identity) {
      if (!live(identity)) return "token_expired";
      const position = provenAt.get(identity);
      return position === undefined ? undefined : revocations.revokedSince(identity.user.id, position);
    },
    onRevoked: revocations.onRevoked,
    start: revocations.start,
    revoke: ({ user, session }, actor) =>
      revokeSessions({ ...options, pull: revocations.pull }, user, session, actor),
  };
}

function identityOf({ id, email, name, role, expiresAt }: z.output<typeof externalUserSchema>): Identity {
  const user = { id: id as UserId, email, name: name || email || id, role };
  return { user, session: null, ...(expiresAt === undefined ? {} : { expiresAt }) };
}
