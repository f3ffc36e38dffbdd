/** The arithmetic of service levels against a straightforward one, which goes through the raw facts each time. */
import type { FactSource, ServiceLevelName } from "@trueline/protocol";
import { serviceLevelNames } from "@trueline/protocol";
import fc from "fast-check";
import { expect, it } from "vitest";
import type { MinuteFacts } from "../../src/ports/facts.ts";
import { burnWindows } from "../../src/service-levels/burn.ts";
import { gathered, nothingGathered } from "../../src/service-levels/gather.ts";
import {
  countOf,
  countWithin,
  emptyHistogram,
  histogramBounds,
  mergeHistograms,
  observed,
  quantileOf,
} from "../../src/service-levels/histogram.ts";
import {
  emptyMinute,
  measured,
  merge,
  minuteOf,
  noFacts,
  tallied,
} from "../../src/service-levels/minutes.ts";
import { defaultObjectives } from "../../src/service-levels/objectives.ts";
import { serviceLevels } from "../../src/service-levels/report.ts";

/** One thing that happened: a tally of one level, or a latency. */
interface RawFact {
  readonly at: number;
  readonly source: FactSource;
  readonly level: ServiceLevelName;
  readonly good: boolean;
  readonly ms: number;
}

const end = Date.UTC(2026, 2, 31);
const dayMs = 86_400_000;
const latency = (level: ServiceLevelName) =>
  level === "first_event" || level === "answer" ? level : undefined;

/** Dense in the last hours, where the windows are, and thin in the weeks before. */
const age = fc.oneof(fc.nat(20 * 60_000), fc.nat(8 * 3_600_000), fc.nat(40 * dayMs));
const rawFact: fc.Arbitrary<RawFact> = fc.record({
  at: age.map((ms) => end - 1 - ms),
  source: fc.constantFrom("probe", "traffic"),
  level: fc.constantFrom(...serviceLevelNames),
  good: fc.boolean(),
  ms: fc.oneof(fc.constantFrom(...histogramBounds), fc.nat(700_000), fc.constant(Number.POSITIVE_INFINITY)),
});

function minuteWith({ at, source, level, good, ms }: RawFact): MinuteFacts {
  const empty = emptyMinute(at, source);
  const name = latency(level);
  return name === undefined ? tallied(empty, level, good) : measured(empty, name, ms);
}

const isGood = ({ level, good, ms }: RawFact): boolean =>
  level === "first_event"
    ? ms <= defaultObjectives.firstEventMs
    : level === "answer"
      ? ms <= defaultObjectives.answerMs
      : good;

const shares: Record<ServiceLevelName, number> = {
  golden_path: defaultObjectives.goldenPath,
  first_event: defaultObjectives.firstEvent,
  answer: defaultObjectives.answer,
  delivery: defaultObjectives.delivery,
  isolation: defaultObjectives.isolation,
};

it("HC3: minutes merge to the same in any order and any grouping", () => {
  const folded = fc.array(fc.array(rawFact, { maxLength: 8 }), { maxLength: 8 });
  fc.assert(
    fc.property(folded, fc.infiniteStream(fc.nat()), (groups, order) => {
      const all = groups.flat();
      const inOrder = all.map(minuteWith).reduce(merge, noFacts);
      const shuffled = all
        .map((fact) => ({ fact, key: order.next().value as number }))
        .sort((a, b) => a.key - b.key)
        .map(({ fact }) => minuteWith(fact));
      const grouped = groups.map((group) =>
        group.map(minuteWith).reduceRight((sum, one) => merge(one, sum), noFacts),
      );
      expect(shuffled.reduce(merge, noFacts)).toEqual(inOrder);
      expect(grouped.reduce(merge, noFacts)).toEqual(inOrder);
    }),
  );
});

it("HC3: counts, shares, budgets and burn rates are those of the raw facts, however they were paged", () => {
  const property = fc.property(
    fc.array(rawFact, { maxLength: 120 }),
    fc.integer({ min: 1, max: 30 }),
    fc.integer({ min: 1, max: 40 }),
    (raw, days, pageLength) => {
      const period = { from: end - days * dayMs, to: end };
      let all = nothingGathered(period);
      const minutes = raw.map(minuteWith);
      for (let at = 0; at < minutes.length; at += pageLength)
        all = gathered(all, minutes.slice(at, at + pageLength));
      const report = serviceLevels(all, defaultObjectives);
      const inPeriod = raw.filter(({ at }) => at >= period.from);
      const firstAt = inPeriod.map(({ at }) => minuteOf(at)).sort((a, b) => a - b)[0];
      expect(report.firstFactAt).toBe(firstAt === undefined ? null : new Date(firstAt).toISOString());
      for (const found of report.levels) {
        const own = raw.filter(({ level, source }) => level === found.name && source === found.source);
        expectLevel(
          found,
          own.filter(({ at }) => at >= period.from),
          own,
        );
      }
    },
  );
  fc.assert(property);
});

function expectLevel(
  found: ReturnType<typeof serviceLevels>["levels"][number],
  inPeriod: readonly RawFact[],
  ever: readonly RawFact[],
): void {
  const bad = inPeriod.filter((fact) => !isGood(fact)).length;
  expect([found.good, found.bad]).toEqual([inPeriod.length - bad, bad]);
  expect(found.ratio).toBe(inPeriod.length === 0 ? null : (inPeriod.length - bad) / inPeriod.length);
  const objective = shares[found.name];
  expect(found.budget.left === 0).toBe(bad > 0 && bad >= inPeriod.length * (1 - objective) - 1e-9);
  for (const [index, { factor, longMinutes, shortMinutes }] of burnWindows.entries()) {
    const [long, short] = [longMinutes, shortMinutes].map((minutes) =>
      naiveBurnRate(ever, minutes, objective),
    );
    const alert = found.alerts[index];
    expectRate(alert?.longRate, long);
    expectRate(alert?.shortRate, short);
    const over = (rate = 0) => rate > factor - 1e-9;
    expect(alert?.firing).toBe(over(long) && over(short));
  }
}

function naiveBurnRate(facts: readonly RawFact[], minutes: number, objective: number): number {
  const recent = facts.filter(({ at }) => at >= end - minutes * 60_000);
  const bad = recent.filter((fact) => !isGood(fact)).length;
  return bad === 0 ? 0 : bad / recent.length / (1 - objective);
}

function expectRate(rate: number | null | undefined, expected = 0): void {
  if (Number.isFinite(expected)) expect(rate).toBeCloseTo(expected, 6);
  else expect(rate).toBeNull();
}

it("HC3: quantiles of a histogram are the bounds above those of the values", () => {
  const values = fc.array(fc.integer({ min: 0, max: 700_000 }), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(values, fc.constantFrom(0.5, 0.95, 0.99), fc.nat(59), (ms, share, cut) => {
      const one = ms.slice(0, cut).reduce(observed, emptyHistogram);
      const other = ms.slice(cut).reduce(observed, emptyHistogram);
      const histogram = mergeHistograms(one, other);
      const exact = [...ms].sort((a, b) => a - b)[Math.ceil(ms.length * share) - 1] ?? 0;
      expect(quantileOf(histogram, share)).toBe(histogramBounds.find((bound) => bound >= exact));
      expect(countOf(histogram)).toBe(ms.length);
      expect(countWithin(histogram, 5_000)).toBe(ms.filter((value) => value <= 5_000).length);
    }),
  );
});
