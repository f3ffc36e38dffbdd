/** A report as a person reads it: the verdict first, what failed at a glance, a line a leg. Plain text; the caller paints. */
import type { ProbeLeg, ProbeReport } from "@trueline/protocol";
import { seconds } from "./walk.ts";

const verdicts: Readonly<Record<ProbeReport["outcome"], string>> = {
  pass: "PASS",
  fail: "FAIL",
  inconclusive: "INCONCLUSIVE",
};

export function describeReport(report: ProbeReport): string {
  const { outcome, url, durationMs, message, legs } = report;
  const head = `${verdicts[outcome]}  ${url}  ${message}  (${seconds(durationMs)})`;
  return [head, ...legs.map(describeLeg)].join("\n");
}

/** For a watch: a walk that passed is a line. */
export function describeBriefly(report: ProbeReport): string {
  const { at, outcome, legs, message } = report;
  if (outcome !== "pass") return `${at}  ${describeReport(report)}`;
  const times = legs.flatMap(({ name, ms }) =>
    briefly.includes(name) ? [`${words(name)} ${seconds(ms)}`] : [],
  );
  return `${at}  PASS  ${message}: ${times.join(", ")}`;
}

const briefly: readonly ProbeLeg["name"][] = ["connect", "first_event", "answer"];

function describeLeg({ name, ms, ok, budgetMs, detail }: ProbeLeg): string {
  const time = seconds(ms).padStart(8);
  const budget = budgetMs === undefined ? "" : `of ${seconds(budgetMs)}`;
  return `  ${ok ? "✓" : "✗"} ${words(name).padEnd(11)} ${time}  ${budget.padEnd(8)} ${detail ?? ""}`.trimEnd();
}

const words = (name: ProbeLeg["name"]): string => name.replaceAll("_", " ");
