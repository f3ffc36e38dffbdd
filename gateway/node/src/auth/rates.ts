/**
 * How often somebody may try, per user and per network address (AU4); the numbers are in the table of access limits. Each
 * node counts for itself. Refusals are `rate_limited` with the time after which to try again.
 */
import { TruelineError } from "@trueline/protocol";
import type { AccessLimits, Refusal } from "@trueline/server";
import { createRateLimiter, type RateLimiter } from "./rate-limiter.ts";

export interface Rates {
  /** Each of these throws `TruelineError` `rate_limited`. */
  upgradeFrom(address: string): Promise<void>;
  upgradeOf(user: string): Promise<void>;
  ticketFrom(address: string): Promise<void>;
  ticketOf(user: string): Promise<void>;
  loginFrom(address: string): Promise<void>;
  threadOf(user: string): Promise<void>;
  /** Gives its refusal, since it is not only HTTP that is told. */
  countMessage(address: string): Promise<Refusal | undefined>;
  /** Counts as failed, for the address and for the name that was tried, until it is told that it succeeded. */
  passwordAttempt(address: string, name: string): Promise<PasswordAttempt>;
}

export type PasswordAttempt =
  | { readonly ok: true; succeeded(): Promise<void> }
  /** `first`: the first of this window, which is worth an entry in the audit log. */
  | { readonly ok: false; readonly error: TruelineError; readonly first: boolean };

export function createRates(limits: AccessLimits): Rates {
  const limit = (key: keyof AccessLimits) => counted(key, createRateLimiter(limits[key]));
  const upgradesPerAddress = limit("upgradesPerAddress");
  const upgradesPerUser = limit("upgradesPerUser");
  const messagesPerAddress = createRateLimiter(limits.messagesPerAddress);
  const threadsPerUser = limit("threadsPerUser");
  const ticketsPerAddress = limit("ticketsPerAddress");
  const ticketsPerUser = limit("ticketsPerUser");
  const loginsPerAddress = limit("loginsPerAddress");
  const failuresPerAddress = createRateLimiter(limits.failedLoginsPerAddress);
  const failuresPerUser = createRateLimiter(limits.failedLoginsPerUser);

  return {
    upgradeFrom: (address) => upgradesPerAddress(addressKey(address)),
    upgradeOf: upgradesPerUser,
    ticketFrom: (address) => ticketsPerAddress(addressKey(address)),
    ticketOf: ticketsPerUser,
    loginFrom: (address) => loginsPerAddress(addressKey(address)),
    threadOf: threadsPerUser,
    async countMessage(address) {
      const taken = await messagesPerAddress.take(addressKey(address));
      if (taken.ok) return undefined;
      const { code, message } = rateLimited("messagesPerAddress", taken.retryAfterMs);
      return { code, message, retryAfterMs: taken.retryAfterMs };
    },

    async passwordAttempt(address, name) {
      const place = addressKey(address);
      const user = name.trim().toLowerCase();
      const fromAddress = await failuresPerAddress.take(place);
      if (!fromAddress.ok) return refused("failedLoginsPerAddress", fromAddress);
      const ofUser = await failuresPerUser.take(user);
      if (!ofUser.ok) return refused("failedLoginsPerUser", ofUser);
      return {
        ok: true,
        succeeded: async () => {
          await failuresPerAddress.giveBack(place);
          await failuresPerUser.giveBack(user);
        },
      };
    },
  };
}

function counted(name: keyof AccessLimits, limiter: RateLimiter): (key: string) => Promise<void> {
  return async (key) => {
    const taken = await limiter.take(key);
    if (!taken.ok) throw rateLimited(name, taken.retryAfterMs);
  };
}

function refused(
  name: keyof AccessLimits,
  { retryAfterMs, first }: { retryAfterMs: number; first: boolean },
) {
  return { ok: false, error: rateLimited(name, retryAfterMs), first } as const;
}

function rateLimited(name: keyof AccessLimits, retryAfterMs: number): TruelineError {
  const seconds = Math.ceil(retryAfterMs / 1000);
  return new TruelineError(
    "rate_limited",
    `The limit "${name}" is reached. Try again in ${seconds} s.`,
    retryAfterMs,
  );
}

/** Whoever has an IPv6 address has 2^64 of them: they count as one. */
export function addressKey(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  if (mapped?.[1]) return mapped[1];
  if (!address.includes(":")) return address;
  const [left = "", right] = address.split("%", 1).join("").split("::");
  const groups = left === "" ? [] : left.split(":");
  const tail = right ? right.split(":") : [];
  const zeros = Array.from({ length: Math.max(0, 8 - groups.length - tail.length) }, () => "0");
  const all = right === undefined ? groups : [...groups, ...zeros, ...tail];
  return `${all
    .slice(0, 4)
    .map((group) => group.toLowerCase().replace(/^0+(?=.)/, ""))
    .join(":")}::/64`;
}
