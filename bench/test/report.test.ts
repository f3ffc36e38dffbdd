import { expect, it } from "vitest";
import type { Peer } from "../src/plan.ts";
import { formatTable, median, summarize, type Trial } from "../src/report.ts";

const live = (round: number, peer: Peer, cpuMicrosPerEvent: number): Trial => ({
  round,
  workload: "live",
  peer,
  outcome: {
    kind: "measured",
    figures: { cpuMicrosPerEvent },
    delivery: { lost: 0, doubled: 0, seqFaults: 0 },
  },
});

it("gives the middle of odd and even numbers of rounds", () => {
  expect([median([3, 1, 2]), median([4, 1, 2, 3])]).toEqual([2, 2.5]);
});

it("compares with bare-ws in the same round, so that a slow round does not count", () => {
  const trials = [
    live(1, "bare-ws", 10),
    live(1, "trueline", 5),
    live(2, "bare-ws", 40),
    live(2, "trueline", 20),
  ];
  expect(summarize(trials).rows[0]?.cells.trueline).toEqual({ median: 12.5, least: 5, most: 20, ratio: 0.5 });
});

it("shows what was not measured as such, and says why", () => {
  const gaveUp: Trial = {
    round: 1,
    workload: "live",
    peer: "socket.io",
    outcome: { kind: "gave_up", afterMs: 120_000 },
  };
  const table = formatTable(summarize([live(1, "bare-ws", 10), gaveUp]));
  expect(table).toContain("| live, CPU µs per event | 10.0 (1.00) | – | – | ≤ 0.6 of bare-ws |");
  expect(table).toContain("socket.io, live, round 1: not done after 120 s");
});

it("counts what was lost or doubled over all rounds", () => {
  const faulty: Trial = {
    ...live(1, "trueline", 5),
    outcome: { kind: "measured", figures: {}, delivery: { lost: 2, doubled: 1, seqFaults: 3 } },
  };
  expect(formatTable(summarize([faulty, faulty]))).toContain("| 0 / 0 / 0 | 4 / 2 / 6 | 0 / 0 / 0 |");
});
