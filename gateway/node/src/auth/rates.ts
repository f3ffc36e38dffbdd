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
  /** `slowMs`: how long to wait before the password is looked at. */
  | { readonly ok: true; readonly slowMs: number; succeeded(): Promise<void> }
  /** `first`: the first of this window, which is worth an entry in the audit log. */
  | { readonly ok: false; readonly error: TruelineError; readonly first: boolean };

export function createRates(limits: AccessLimits): Rates {
  const limit = (key: Rate) => counted(key, createRateLimiter(limits[key]));
  const upgradesPerAddress = limit("upgradesPerAddress");
  const upgradesPerUser = limit("upgradesPerUser");
  const messagesPerAddress = createRateLimiter(limits.messagesPerAddress);
  const threadsPerUser = limit("threadsPerUser");
  const ticketsPerAddress = limit("ticketsPerAddress");
  const ticketsPerUser = limit("ticketsPerUser");
  const loginsPerAddress = limit("loginsPerAddress");
  const failuresPerAddress = createRateLimiter(limits.failedLoginsPerAddress);
  const failuresPerUser = createRateLimiter(limits.failedLoginsPerUser);
  const failuresPerUserEverywhere = createRateLimiter(limits.failedLoginsPerUserEverywhere);

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
      const userHere = JSON.stringify([user, place]);
      const ofUser = await failuresPerUser.take(userHere);
      if (!ofUser.ok) return refused("failedLoginsPerUser", ofUser);
      const everywhere = await failuresPerUserEverywhere.take(user);
      return {
        ok: true,
        slowMs: everywhere.ok ? 0 : limits.slowedLoginMs,
        succeeded: async () => {
          await failuresPerAddress.giveBack(place);
          await failuresPerUser.giveBack(userHere);
          await failuresPerUserEverywhere.giveBack(user);
        },
      };
    },
  };
}

function counted(name: Rate, limiter: RateLimiter): (key: string) => Promise<void> {
  return async (key) => {
    const taken = await limiter.take(key);
    if (!taken.ok) throw rateLimited(name, taken.retryAfterMs);
  };
}

function refused(name: Rate, { retryAfterMs, first }: { retryAfterMs: number; first: boolean }) {
  return { ok: false, error: rateLimited(name, retryAfterMs), first } as const;
}

/** For people; the time to wait stands beside it, and is told by whoever shows this. */
const sentences = {
  failedLoginsPerUser: "There were too many attempts to sign in to this account from your network.",
  failedLoginsPerAddress: "There were too many failed attempts to sign in from your network.",
  loginsPerAddress: "There were too many attempts to sign in from your network.",
  ticketsPerUser: "You have asked for too many connections within a minute.",
  ticketsPerAddress: "Too many connections were asked for from your network within a minute.",
  upgradesPerUser: "You have connected too often within a minute.",
  upgradesPerAddress: "There were too many connections from your network within a minute.",
  messagesPerAddress: "Too many messages were sent from your network within a minute.",
  threadsPerUser: "You have made too many conversations within a minute.",
} as const satisfies Partial<Record<keyof AccessLimits, string>>;
type Rate = keyof typeof sentences;

const rateLimited = (rate: Rate, retryAfterMs: number): TruelineError =>
  new TruelineError("rate_limited", sentences[rate], retryAfterMs);

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
