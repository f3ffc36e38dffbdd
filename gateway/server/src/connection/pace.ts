/**
 * How fast a client may go: so many a second on average, and ten seconds' worth at once. All that is kept of a client
 * is one number, the time until which what it did is paid for.
 */
const burstMs = 10_000;

/** Of a client that did nothing yet. */
export const unpaced = Number.NEGATIVE_INFINITY;

/** `paidUntil` after one more at `now` (monotonic milliseconds); undefined when it comes too soon. 0: no limit. */
export function pace(paidUntil: number, perSecond: number, now: number): number | undefined {
  if (perSecond === 0) return paidUntil;
  const paid = Math.max(paidUntil, now) + 1000 / perSecond;
  return paid - now <= burstMs ? paid : undefined;
}
