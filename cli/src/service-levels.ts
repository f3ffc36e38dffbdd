/** `trueline service-levels`: how far they were kept in a period, from what a gateway recorded in its data directory. */
import { loadObjectives } from "@trueline/gateway";
import type { ServiceLevel, ServiceLevelsReport } from "@trueline/protocol";
import type { Command } from "commander";
import { refuseMistakes, sourcesOf } from "./configuration.ts";
import { type DataFlags, withData, withDataOptions } from "./data.ts";
import { parseMoment } from "./duration.ts";
import { CommandError, exitCodes } from "./exit-codes.ts";
import { table } from "./output.ts";

interface ServiceLevelFlags extends DataFlags {
  readonly from?: number;
  readonly to?: number;
}

const dayMs = 86_400_000;

export function addServiceLevels(trueline: Command): void {
  const command = trueline
    .command("service-levels")
    .description(
      "how far the service levels were kept, from recorded facts: exit 0 all met, 1 one is not, 3 nothing was recorded",
    )
    .option("--from <moment>", "2026-03-01, or 7d for seven days ago (30d)", parseMoment)
    .option("--to <moment>", "its end (now)", parseMoment);
  withDataOptions(command).action(serviceLevels);
}

async function serviceLevels({ from, to = Date.now(), ...data }: ServiceLevelFlags): Promise<void> {
  const period = { from: from ?? to - 30 * dayMs, to };
  if (period.from >= period.to) throw new CommandError(exitCodes.wrongUse, "--from must be before --to");
  const objectives = loadObjectives(sourcesOf({}, data.config));
  if (!objectives.ok) refuseMistakes(objectives.error);
  await withData(data, false, async (administration, output) => {
    const report = await administration.serviceLevels(period, objectives.value);
    output.result(report, describe(report));
    process.exitCode = codeOf(report);
  });
}

function codeOf({ levels }: ServiceLevelsReport): number {
  if (levels.every(({ met }) => met === null)) return exitCodes.refused;
  return levels.some(({ met }) => met === false) ? exitCodes.violations : exitCodes.done;
}

function describe({ from, to, firstFactAt, lastFactAt, levels }: ServiceLevelsReport): string {
  if (firstFactAt === null) return `Nothing was recorded from ${from} to ${to}.`;
  const rows = levels.filter(({ ratio }) => ratio !== null).map(row);
  const headings = ["", "level", "source", "good", "of", "is", "objective", "budget left", "p50/p95/p99 ms"];
  const firing = levels.flatMap((level) =>
    level.alerts
      .filter((alert) => alert.firing)
      .map(({ severity, longMinutes, factor }) => {
        return `  ${severity}: ${level.name} (${level.source}) burns its budget ${factor} times too fast over ${longMinutes} minutes`;
      }),
  );
  return [
    `Service levels from ${from} to ${to}, recorded ${firstFactAt} to ${lastFactAt}`,
    table(headings, rows),
    ...(firing.length === 0
      ? ["No alert at the end of the period."]
      : ["Alerts at the end of the period:", ...firing]),
  ].join("\n");
}

function row({ name, source, good, bad, ratio, met, objective, withinMs, budget, latency }: ServiceLevel) {
  const within = withinMs === undefined ? "" : ` in ${withinMs / 1000} s`;
  return [
    met === true ? "ok" : "MISSED",
    name.replaceAll("_", " "),
    source,
    String(good),
    String(good + bad),
    percent(ratio ?? 0),
    `${percent(objective)}${within}`,
    percent(budget.left),
    latency ? [latency.p50, latency.p95, latency.p99].map((ms) => ms ?? "more").join("/") : "",
  ];
}

/** Never rounded up to what is not reached: 99.9996 % is not 100 %. */
const percent = (share: number): string => `${Math.floor(share * 1e6 + 1e-6) / 1e4} %`;
