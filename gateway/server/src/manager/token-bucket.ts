/** Allows `perSecond` on average and ten seconds' worth at once. Time that goes back is no time. */
import type { Clock } from "@trueline/kit";

export function tokenBucket(perSecond: number, clock: Clock): () => boolean {
  if (perSecond === 0) return () => true;
  const capacity = perSecond * 10;
  let tokens = capacity;
  let last = clock.monotonic();
  return () => {
    const now = clock.monotonic();
    tokens = Math.min(capacity, tokens + ((now - last) / 1000) * perSecond);
    last = now;
    if (tokens < 1) return false;
    tokens -= 1;
    return true;
  };
}
