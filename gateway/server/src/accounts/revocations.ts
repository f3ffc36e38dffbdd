/**
 * Tells this process of revocations. They are a list in the store and this is a cursor over it, so that those made here
 * and those made by another process (another node, the command line) come the same way (AU3).
 */
import type { Clock, UserId } from "@trueline/kit";
import type { Accounts, RevocationReason } from "../ports/accounts.ts";
import type { Logger } from "../ports/observer.ts";
import type { RevokedAccess } from "./identity.ts";

export interface Revocations {
  onRevoked(listener: (revoked: RevokedAccess) => void): () => void;
  /** Where this process is in the list: what comes after it, listeners have yet to be told. */
  position(): number;
  /** Whether everything of the user was revoked after a position, by whichever process. */
  revokedSince(user: UserId, position: number): Promise<RevocationReason | undefined>;
  /** Reads what is new and tells the listeners. After each revocation of this process, and every `pollMs`. */
  pull(): Promise<void>;
  /** Gives the way to stop. */
  start(): () => void;
}

export interface RevocationsOptions {
  readonly accounts: Accounts;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly pollMs: number;
}

const sweepEveryMs = 60_000;
/** By then every process has seen them; one that slept longer has lost its sockets too. */
const rememberMs = 24 * 60 * 60_000;

export async function createRevocations(options: RevocationsOptions): Promise<Revocations> {
  const { accounts, clock, logger, pollMs } = options;
  const listeners = new Set<(revoked: RevokedAccess) => void>();
  let seen = await accounts.lastRevocation();

  async function pull(): Promise<void> {
    for (const { id, user, session, reason } of await accounts.revocationsAfter(seen)) {
      // Two pulls at once read the same rows; the first to come tells them.
      if (id <= seen) continue;
      seen = id;
      for (const listener of listeners) tell(listener, { user, session, reason });
    }
  }

  function tell(listener: (revoked: RevokedAccess) => void, revoked: RevokedAccess): void {
    try {
      listener(revoked);
    } catch (error) {
      logger.error({ err: error, ...revoked }, "a listener failed on a revocation");
    }
  }

  async function sweep(): Promise<void> {
    const now = clock.now();
    await accounts.sweep(now, now - rememberMs);
  }

  return {
    pull,
    position: () => seen,
    async revokedSince(user, position) {
      const rows = await accounts.revocationsAfter(position);
      return rows.find((row) => row.user === user && row.session === null)?.reason;
    },
    onRevoked(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    start() {
      const stops = [every(pollMs, pull), every(sweepEveryMs, sweep)];
      return () => {
        for (const stop of stops) stop();
      };
    },
  };

  /** Never twice at once, and a failure does not end it. */
  function every(ms: number, work: () => Promise<void>): () => void {
    let busy = false;
    let stopped = false;
    const timer = setInterval(async () => {
      if (busy) return;
      busy = true;
      try {
        await work();
      } catch (error) {
        // One that was under way when it was stopped may find the store closed.
        if (!stopped) logger.error({ err: error }, "revocations could not be read or swept");
      } finally {
        busy = false;
      }
    }, ms).unref();
    return () => {
      stopped = true;
      clearInterval(timer);
    };
  }
}
