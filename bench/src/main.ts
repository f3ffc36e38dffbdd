/**
 * `npm run bench`: ours, bare `ws` and socket.io side by side, in rounds in which the peers take turns. Prints the table
 * and writes it with all figures to bench/results. See docs/benchmarks.md for what is measured and how to read it.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import {
  fullPlan,
  type Peer,
  type Plan,
  peers,
  quickPlan,
  type WorkloadName,
  workloadNames,
} from "./plan.ts";
import { formatTable, summarize, type Trial } from "./report.ts";
import { runTrial } from "./trial.ts";

const usage = `npm run bench -- [options]
  --quick                 one short round: only to see that everything works
  --rounds <n>            default 5
  --only <workload,…>     of ${workloadNames.join(", ")}
  --peers <peer,…>        of ${peers.join(", ")}
  --profile               also a CPU profile of each server (the figures of such a run do not count)`;

const { values: options } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    rounds: { type: "string" },
    only: { type: "string" },
    peers: { type: "string" },
    profile: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

const results = join(import.meta.dirname, "..", "results");
mkdirSync(results, { recursive: true });

if (options.help) console.log(usage);
else await main(options.quick ? quickPlan : fullPlan);

async function main(plan: Plan): Promise<void> {
  const rounds = options.rounds ? Number(options.rounds) : plan.rounds;
  const workloads = choose("only", workloadNames, options.only);
  const chosen = choose("peers", peers, options.peers);
  const trials: Trial[] = [];
  for (let round = 1; round <= rounds; round++) {
    for (const workload of workloads) {
      for (const peer of turn(chosen, round))
        trials.push(await tryOne(plan, { round, workload, peer }, trials));
    }
    writeResults(trials);
  }
  console.log(`\n${formatTable(summarize(trials))}`);
  process.exitCode = trials.some(({ outcome }) => outcome.kind === "failed") ? 1 : 0;
}

async function tryOne(plan: Plan, trial: Omit<Trial, "outcome">, earlier: readonly Trial[]): Promise<Trial> {
  const { round, workload, peer } = trial;
  const givenUp = earlier.find(
    (other) => other.peer === peer && other.workload === workload && other.outcome.kind === "gave_up",
  );
  // What took too long once takes too long again.
  const profile = options.profile ? { profile: join(results, `${workload}-${peer}.cpuprofile`) } : {};
  const settings = { timeoutMs: plan.trialTimeoutMs, ...profile };
  const outcome = givenUp?.outcome ?? (await runTrial(peer, plan.workloads[workload], settings));
  console.log(`round ${round}  ${workload.padEnd(12)} ${peer.padEnd(10)} ${JSON.stringify(outcome)}`);
  return { ...trial, outcome };
}

/** Each round begins with another peer, so that none always runs on the warmest machine. */
function turn(chosen: readonly Peer[], round: number): readonly Peer[] {
  const first = round % chosen.length;
  return [...chosen.slice(first), ...chosen.slice(0, first)];
}

function choose<T extends Peer | WorkloadName>(
  option: string,
  all: readonly T[],
  given: string | undefined,
): readonly T[] {
  if (given === undefined) return all;
  const names = given.split(",");
  const unknown = names.filter((name) => !(all as readonly string[]).includes(name));
  if (unknown.length > 0) throw new Error(`--${option}: unknown ${unknown.join(", ")}\n${usage}`);
  return all.filter((name) => names.includes(name));
}

function writeResults(trials: readonly Trial[]): void {
  const summary = summarize(trials);
  const at = new Date().toISOString();
  writeFileSync(
    join(results, "latest.json"),
    `${JSON.stringify({ at, node: process.version, summary, trials }, null, 2)}\n`,
  );
  writeFileSync(join(results, "latest.md"), `${formatTable(summary)}\n`);
}
