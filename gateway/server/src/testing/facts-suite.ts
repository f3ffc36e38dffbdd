/** What every `Facts` must do, whatever it is made of. Each adapter runs it, the fake too. */
import type { ProbeReport } from "@trueline/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Facts, RecordedMinute } from "../ports/facts.ts";

export interface OpenFacts {
  readonly facts: Facts;
  close(): Promise<void>;
}

const minute = 60_000;

export const walkAt = (at: number, more: Partial<ProbeReport> = {}): ProbeReport => ({
  outcome: "pass",
  message: "All 9 legs hold.",
  url: "http://127.0.0.1:8080",
  at: new Date(at).toISOString(),
  durationMs: 120.5,
  legs: [
    { name: "login", ms: 40, ok: true },
    { name: "connect", ms: 8.25, ok: true, budgetMs: 2000 },
  ],
  ...more,
});

export const recordedMinute = (
  id: string,
  at: number,
  more: Partial<RecordedMinute> = {},
): RecordedMinute => ({
  id,
  minute: at,
  source: "traffic",
  tallies: { golden_path: { good: 3, bad: 1 } },
  latencies: { answer: { counts: [0, 2, 1] } },
  ...more,
});

export function factsSuite(name: string, open: () => Promise<OpenFacts>): void {
  describe(`Facts: ${name}`, () => {
    let opened: OpenFacts;
    let facts: Facts;
    beforeEach(async () => {
      opened = await open();
      facts = opened.facts;
    });
    afterEach(() => opened.close());

    it("HC2: walks come back whole, newest first, by period", async () => {
      const failed = walkAt(2000, {
        outcome: "fail",
        message: "events: event 7 came where 6 was due",
        legs: [],
      });
      const unreachable = walkAt(3000, { outcome: "inconclusive", code: "unreachable" });
      for (const walk of [walkAt(1000), unreachable, failed]) await facts.addProbe(walk);
      expect(await facts.probes({ limit: 10 })).toEqual([unreachable, failed, walkAt(1000)]);
      expect(await facts.probes({ limit: 1 })).toEqual([unreachable]);
      expect(await facts.probes({ from: 1000, to: 3000, limit: 10 })).toEqual([failed, walkAt(1000)]);
    });

    it("HC2: two walks that began at the same moment are both kept", async () => {
      await facts.addProbe(walkAt(1000));
      await facts.addProbe(walkAt(1000));
      expect(await facts.probes({ limit: 10 })).toHaveLength(2);
    });

    it("HC3: a minute written again takes the place of what was written of it, whoever else wrote", async () => {
      await facts.putMinutes([recordedMinute("a", minute), recordedMinute("b", minute)]);
      await facts.putMinutes([
        recordedMinute("a", minute, { tallies: { golden_path: { good: 9, bad: 1 } } }),
      ]);
      const found = await facts.minutes({ from: 0, to: 2 * minute });
      expect(found.map(({ tallies }) => tallies.golden_path?.good).sort()).toEqual([3, 9]);
    });

    it("HC3: minutes come back as they were given, oldest first, from inclusive, to exclusive", async () => {
      const written = [3, 1, 2, 4].map((at) => recordedMinute(`m${at}`, at * minute));
      await facts.putMinutes(written);
      const { id: _, ...expected } = recordedMinute("", 2 * minute);
      const found = await facts.minutes({ from: 2 * minute, to: 4 * minute });
      expect(found).toEqual([expected, { ...expected, minute: 3 * minute }]);
      expect(await facts.minutes({ from: 5 * minute, to: 9 * minute })).toEqual([]);
    });

    it("HC3: a trim drops what is older, and nothing else", async () => {
      await facts.addProbe(walkAt(1000));
      await facts.addProbe(walkAt(5000));
      await facts.putMinutes([recordedMinute("a", minute), recordedMinute("b", 2 * minute)]);
      expect(await facts.trim({ probes: 5000, minutes: 2 * minute })).toBe(2);
      expect(await facts.probes({ limit: 10 })).toEqual([walkAt(5000)]);
      expect(await facts.minutes({ from: 0, to: 9 * minute })).toHaveLength(1);
    });
  });
}
