/**
 * Latencies by fixed bounds, so that histograms of any minutes, processes and sources can be added. The bounds are part
 * of the record: a bound is never changed or taken away, since what was stored counts by place.
 */
import type { Histogram } from "../ports/facts.ts";

/** Upper bounds, milliseconds, inclusive. What is beyond the last is counted in one more bucket. */
export const histogramBounds = [
  5, 10, 25, 50, 100, 250, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 30_000, 60_000, 120_000, 300_000,
  600_000,
] as const;

export const emptyHistogram: Histogram = { counts: [] };

export function observed(histogram: Histogram, ms: number): Histogram {
  const place = placeOf(ms);
  const counts = Array.from(
    { length: Math.max(histogram.counts.length, place + 1) },
    (_, index) => histogram.counts[index] ?? 0,
  );
  counts[place] = (counts[place] ?? 0) + 1;
  return { counts };
}

export function mergeHistograms(left: Histogram, right: Histogram): Histogram {
  const length = Math.max(left.counts.length, right.counts.length);
  return {
    counts: Array.from({ length }, (_, index) => (left.counts[index] ?? 0) + (right.counts[index] ?? 0)),
  };
}

export const countOf = ({ counts }: Histogram): number => counts.reduce((sum, count) => sum + count, 0);

/** How many took at most `ms`, which is one of the bounds. */
export function countWithin({ counts }: Histogram, ms: number): number {
  const last = placeOf(ms);
  return counts.reduce((sum, count, place) => (place <= last ? sum + count : sum), 0);
}

/** The bound below which a share of `quantile` lies; undefined when it lies beyond the last, or nothing was measured. */
export function quantileOf(histogram: Histogram, quantile: number): number | undefined {
  const wanted = Math.ceil(countOf(histogram) * quantile);
  if (wanted === 0) return undefined;
  let seen = 0;
  const place = histogram.counts.findIndex((count) => {
    seen += count;
    return seen >= wanted;
  });
  return histogramBounds[place];
}

/** Not a number counts as never: the worst place. */
function placeOf(ms: number): number {
  const place = histogramBounds.findIndex((bound) => ms <= bound);
  return place < 0 ? histogramBounds.length : place;
}
