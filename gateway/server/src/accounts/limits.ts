/**
 * Every number of access, in one table: unit, default, and what zero means. Its times are the engine's; its rates are
 * counted by the node package, per user and per network address, and a refusal says when to retry (AU4).
 */
import { z } from "zod";

const count = (byDefault: number) => z.int().min(0).default(byDefault);
const positive = (byDefault: number) => z.int().min(1).default(byDefault);

export const accessLimitsSchema = z.strictObject({
  // Times
  /** Seconds that an access token is good for; a revoked session's is refused at once all the same. */
  accessTokenSeconds: positive(15 * 60),
  /** Hours from a login until one must sign in again. */
  sessionHours: positive(30 * 24),
  /**
   * Milliseconds in which a refresh token that was used is answered as at first: its answer was lost, or two tabs
   * refreshed at once. Later it is taken as stolen, and its session ends. 0: at once.
   */
  refreshGraceMs: count(30_000),
  /** Seconds that a ticket is good for. */
  ticketSeconds: positive(30),
  /** Milliseconds between looks for revocations that another process made. */
  revocationPollMs: positive(500),

  // Rates
  /**
   * Sign-ins that failed, a minute, per e-mail address that was typed and network address it came from: whoever fails for
   * somebody else's locks out nobody but themselves. One that is under way counts until it turns out right, so that trying
   * many at once gains nothing. 0: no limit.
   */
  failedLoginsPerUser: count(20),
  /** The same, per e-mail address from all network addresses; those beyond are not refused, but slowed. 0: no limit. */
  failedLoginsPerUserEverywhere: count(500),
  /** Milliseconds that a sign-in beyond `failedLoginsPerUserEverywhere` waits until its password is looked at. 0: not at all. */
  slowedLoginMs: count(2_000),
  /** The same, per network address. 0: no limit. */
  failedLoginsPerAddress: count(100),
  /** Sign-ins and refreshes, a minute, per network address, failed or not: each costs a hash or a write. 0: no limit. */
  loginsPerAddress: count(600),
  /** Tickets a minute, per user. 0: no limit. */
  ticketsPerUser: count(300),
  /** Tickets a minute, per network address. 0: no limit. */
  ticketsPerAddress: count(6_000),
  /** WebSocket upgrades and SSE streams a minute, per user. 0: no limit. */
  upgradesPerUser: count(300),
  /** WebSocket upgrades and SSE streams a minute, per network address. 0: no limit. */
  upgradesPerAddress: count(6_000),
  /** Messages a minute, per network address; per user it is `messagesPerMinute`. 0: no limit. */
  messagesPerAddress: count(6_000),
  /** Threads made a minute, per user, beside those that a message makes for itself. 0: no limit. */
  threadsPerUser: count(120),
});
export type AccessLimits = z.infer<typeof accessLimitsSchema>;

export const defaultAccessLimits: AccessLimits = accessLimitsSchema.parse({});
