/** Counts what somebody does in a window of time, in memory. Used by rates.ts, which knows what is counted. */
import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";

export type Taken =
  | { readonly ok: true }
  /** `first`: the first refusal of this key in this window; those after it need no line in a log. */
  | { readonly ok: false; readonly retryAfterMs: number; readonly first: boolean };

export interface RateLimiter {
  /** Counts one, if there is room; of any number of calls at once no more than `limit` get it. */
  take(key: string): Promise<Taken>;
  /** Takes one count back. */
  giveBack(key: string): Promise<void>;
}

/** `limit` in a window that begins with the first count of a key. 0: no limit. */
export function createRateLimiter(limit: number, windowSeconds = 60): RateLimiter {
  if (limit === 0) return unlimited;
  const counts = new RateLimiterMemory({ points: limit, duration: windowSeconds });
  return {
    async take(key) {
      try {
        await counts.consume(key);
        return { ok: true };
      } catch (refusal) {
        if (!(refusal instanceof RateLimiterRes)) throw refusal;
        const first = refusal.consumedPoints === limit + 1;
        return { ok: false, retryAfterMs: Math.max(1, Math.ceil(refusal.msBeforeNext)), first };
      }
    },
    async giveBack(key) {
      await counts.reward(key);
    },
  };
}

const unlimited: RateLimiter = { take: async () => ({ ok: true }), giveBack: async () => undefined };
