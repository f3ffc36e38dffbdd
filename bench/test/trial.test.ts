import { expect, it } from "vitest";
import { type Peer, peers, type Workload } from "../src/plan.ts";
import { runTrial } from "../src/trial.ts";

const stream: Workload = {
  kind: "stream",
  users: 6,
  pace: { kind: "steady", pieces: 2, everyMs: 10 },
  warmUpMs: 50,
  measureMs: 200,
};
const resume: Workload = { kind: "resume", clients: 20, events: 30 };
const cases = peers.flatMap((peer): [Peer, Workload][] => [
  [peer, stream],
  [peer, resume],
]);

it.each(cases)("shows %s's clients every event of %o exactly once", async (peer, workload) => {
  expect(await runTrial(peer, workload, { timeoutMs: 20_000 })).toMatchObject({
    kind: "measured",
    delivery: { lost: 0, doubled: 0, seqFaults: 0 },
  });
});
