/**
 * Secrets that are good once and for a short time: tickets, and the steps of a sign-in at an identity provider. Only
 * their hashes are stored; taking one is atomic, so of two who bring the same one gets it (AU2).
 */
import { type Clock, randomToken, type UserId } from "@trueline/kit";
import type { Accounts, GrantKind } from "../ports/accounts.ts";
import { hashSecret } from "./secrets.ts";

export interface Grants {
  /** `value`: JSON data, given back to whoever takes it. */
  give(grant: { kind: GrantKind; user: UserId | null; value: unknown; seconds: number }): Promise<string>;
  /** Undefined for one that never was, was taken, or has expired: not told apart. */
  take(kind: GrantKind, secret: string): Promise<unknown>;
}

export function createGrants({ accounts, clock }: { accounts: Accounts; clock: Clock }): Grants {
  return {
    async give({ kind, user, value, seconds }) {
      const secret = randomToken(32);
      const expiresAt = clock.now() + seconds * 1000;
      await accounts.putGrant({
        kind,
        user,
        hash: hashSecret(secret),
        value: JSON.stringify(value),
        expiresAt,
      });
      return secret;
    },
    async take(kind, secret) {
      const value = await accounts.takeGrant(kind, hashSecret(secret), clock.now());
      return value === undefined ? undefined : JSON.parse(value);
    },
  };
}
