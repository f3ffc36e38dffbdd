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
    async authenticate(bearer, request) {
      const identity = await verified(bearer, request);
      return identity && live(identity) ? identity : refuse("sign in first");
    },
    async issueTicket(identity, address) {
      const { id } = identity.user;
      const seconds = limits.ticketSeconds;
      const ticket = await grants.give({ kind: "ticket", user: id, value: identity, seconds });
      await audit.append({ action: "ticket", user: id, address });
      return { ticket, expiresIn: seconds };
    },
    async takeTicket(ticket) {
      const identity = (await grants.take("ticket", ticket)) as Identity | undefined;
      return identity && live(identity) ? identity : refuse("the ticket is not valid, or not any more");
    },
    recheck: async (identity) => (live(identity) ? undefined : "token_expired"),
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

function refuse(why: string): never {
  throw new TruelineError("unauthorized", why);
}
