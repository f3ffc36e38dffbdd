/** From the outcomes of all rounds to medians, and from those to the table and the JSON. Pure. */
import { cpus } from "node:os";
import { type Peer, peers, type WorkloadName } from "./plan.ts";
import type { Outcome } from "./trial.ts";

export interface Trial {
  readonly round: number;
  readonly workload: WorkloadName;
  readonly peer: Peer;
  readonly outcome: Outcome;
}

interface Row {
  readonly title: string;
  readonly workload: WorkloadName;
  readonly figure: string;
  /** Digits after the point. */
  readonly digits: number;
  /** What we want to reach: as a ratio to bare-ws, or as the figure itself. */
  readonly target?: { readonly ratio: number } | { readonly atMost: number };
}

const rows: readonly Row[] = [
  row("saturated, CPU µs per event", "saturated", "cpuMicrosPerEvent", 1, { ratio: 0.9 }),
  row("bursts of 8, CPU µs per event", "bursts", "cpuMicrosPerEvent", 1, { ratio: 0.25 }),
  row("live, CPU µs per event", "live", "cpuMicrosPerEvent", 1, { ratio: 0.6 }),
  row("idle, KiB of heap and buffers per connection", "idle", "heapKiB", 1, { atMost: 4.5 }),
  row("idle, KiB resident per connection", "idle", "rssKiB", 1),
  row("the same without V8's young generation", "idle", "keptKiB", 1),
  row("replay to all clients, CPU ms of the server", "resume", "replayCpuMs", 0, { ratio: 0.25 }),
  row("replay to all clients, ms", "resume", "replayMs", 0),
  row("reconnect and replay, CPU ms of the server", "resume", "resumeCpuMs", 0),
  row("reconnect and replay, ms", "resume", "resumeMs", 0),
  row("first token added, p50 ms", "first-token", "firstTokenP50Ms", 2),
  row("first token added, p99 ms", "first-token", "firstTokenP99Ms", 2, { atMost: 10 }),
];

function row(
  title: string,
  workload: WorkloadName,
  figure: string,
  digits: number,
  target?: Row["target"],
): Row {
  return { title, workload, figure, digits, ...(target ? { target } : {}) };
}

export interface Cell {
  readonly median: number;
  readonly least: number;
  readonly most: number;
  /** Median of the ratios to bare-ws in the same round; undefined where either was not measured. */
  readonly ratio: number | undefined;
}

export interface Summary {
  readonly rounds: number;
  readonly rows: readonly (Row & { readonly cells: Readonly<Partial<Record<Peer, Cell>>> })[];
  /** Events lost, doubled, or with a wrong seq, over all trials. */
  readonly faults: Readonly<Record<Peer, { lost: number; doubled: number; seqFaults: number }>>;
  /** Trials without figures, each as a sentence. */
  readonly notes: readonly string[];
}

export function summarize(trials: readonly Trial[]): Summary {
  const measured = rows.filter(({ workload }) => trials.some((trial) => trial.workload === workload));
  return {
    rounds: Math.max(0, ...trials.map(({ round }) => round)),
    rows: measured.map((row) => ({
      ...row,
      cells: Object.fromEntries(peers.flatMap((peer) => cellOf(trials, row, peer))),
    })),
    faults: Object.fromEntries(peers.map((peer) => [peer, faultsOf(trials, peer)])) as Summary["faults"],
    notes: trials.flatMap(describeMissing),
  };
}

export function formatTable({ rounds, rows, faults, notes }: Summary): string {
  const lines = [
    ["", ...peers, "target"],
    ["---", ...peers.map(() => "---:"), "---:"],
    ...rows.map((row) => [
      row.title,
      ...peers.map((peer) => formatCell(row, row.cells[peer])),
      formatTarget(row),
    ]),
    [
      "lost / doubled / wrong seq",
      ...peers.map((peer) => Object.values(faults[peer]).join(" / ")),
      "0 / 0 / 0",
    ],
  ];
  const table = lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
  const about = `Medians of ${rounds} rounds on ${cpus().length} × ${cpus()[0]?.model.trim()}, Node ${process.version}; in brackets the ratio to bare-ws.`;
  return [about, "", table, ...notes.map((note) => `\n- ${note}`)].join("\n");
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? Number.NaN;
  return (lower + upper) / 2;
}

function cellOf(trials: readonly Trial[], row: Row, peer: Peer): [] | [[Peer, Cell]] {
  const ours = valuesByRound(trials, row, peer);
  const bare = valuesByRound(trials, row, "bare-ws");
  if (ours.size === 0) return [];
  const values = [...ours.values()];
  const ratios = [...ours].flatMap(([round, value]) =>
    bare.has(round) ? [value / (bare.get(round) ?? 1)] : [],
  );
  return [
    [
      peer,
      {
        median: median(values),
        least: Math.min(...values),
        most: Math.max(...values),
        ratio: ratios.length > 0 ? median(ratios) : undefined,
      },
    ],
  ];
}

function valuesByRound(
  trials: readonly Trial[],
  { workload, figure }: Row,
  peer: Peer,
): ReadonlyMap<number, number> {
  const values = new Map<number, number>();
  for (const trial of trials) {
    if (trial.workload !== workload || trial.peer !== peer || trial.outcome.kind !== "measured") continue;
    const value = trial.outcome.figures[figure];
    if (value !== undefined) values.set(trial.round, value);
  }
  return values;
}

function faultsOf(trials: readonly Trial[], peer: Peer) {
  const faults = { lost: 0, doubled: 0, seqFaults: 0 };
  for (const { outcome, peer: other } of trials) {
    if (other !== peer || outcome.kind !== "measured" || !outcome.delivery) continue;
    faults.lost += outcome.delivery.lost;
    faults.doubled += outcome.delivery.doubled;
    faults.seqFaults += outcome.delivery.seqFaults;
  }
  return faults;
}

function describeMissing({ outcome, peer, round, workload }: Trial): readonly string[] {
  if (outcome.kind === "measured") return [];
  const what =
    outcome.kind === "gave_up" ? `not done after ${outcome.afterMs / 1_000} s` : `failed: ${outcome.reason}`;
  return [`${peer}, ${workload}, round ${round}: ${what}`];
}

function formatCell({ digits }: Row, cell: Cell | undefined): string {
  if (!cell) return "–";
  const ratio = cell.ratio === undefined ? "" : ` (${cell.ratio.toFixed(2)})`;
  return `${cell.median.toFixed(digits)}${ratio}`;
}

function formatTarget({ target }: Row): string {
  if (!target) return "";
  return "ratio" in target ? `≤ ${target.ratio} of bare-ws` : `≤ ${target.atMost}`;
}
