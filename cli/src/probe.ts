/** `trueline probe`: walks the golden path of a running gateway and says whether it holds. */
import { createProbe, type ProbeAccount, ProbeOptionsError } from "@trueline/probe";
import type { Command } from "commander";
import { CommandError, type ExitCode, exitCodes } from "./exit-codes.ts";
import { createOutput, table } from "./output.ts";

interface ProbeFlags {
  readonly agent?: string;
  readonly json?: true;
}

type Report = Awaited<ReturnType<ReturnType<typeof createProbe>["run"]>>;

export function addProbe(trueline: Command): void {
  trueline
    .command("probe <url>")
    .description(
      "walk the golden path of a running gateway: exit 0 it holds, 1 it does not, 3 cannot be told",
    )
    .option("--agent <name>", "the agent to ask (the gateway's default)")
    .option("--json", "print one JSON document")
    .addHelpText("after", environmentHelp)
    .action(probe);
}

const variables = [
  "TRUELINE_PROBE_EMAIL",
  "TRUELINE_PROBE_PASSWORD",
  "TRUELINE_PROBE_EMAIL_2",
  "TRUELINE_PROBE_PASSWORD_2",
] as const;
const environmentHelp = `
Two users are needed, the second to see nothing: ${variables.join(", ")}.
Without them the demo's users are tried, on loopback only.`;

const codes: Readonly<Record<Report["outcome"], ExitCode>> = {
  pass: exitCodes.done,
  fail: exitCodes.violations,
  inconclusive: exitCodes.refused,
};

async function probe(url: string, { agent, json }: ProbeFlags): Promise<void> {
  const accounts = accountsInEnvironment();
  const report = await made({
    url,
    ...(agent === undefined ? {} : { agent }),
    ...(accounts ? { accounts } : {}),
  }).run();
  createOutput(json === true).result(report, describe(report));
  process.exitCode = codes[report.outcome];
}

function made(options: Parameters<typeof createProbe>[0]): ReturnType<typeof createProbe> {
  try {
    return createProbe(options);
  } catch (error) {
    if (error instanceof ProbeOptionsError)
      throw new CommandError(exitCodes.wrongUse, error.message, { cause: error });
    throw error;
  }
}

function accountsInEnvironment(): readonly [ProbeAccount, ProbeAccount] | undefined {
  const [email = "", password = "", email2 = "", password2 = ""] = variables.map((name) => process.env[name]);
  const given = [email, password, email2, password2];
  if (given.every((value) => value === "")) return undefined;
  const missing = variables.filter((_, index) => given[index] === "");
  if (missing.length > 0)
    throw new CommandError(exitCodes.wrongUse, `two users are needed; not set: ${missing.join(", ")}`);
  return [
    { email, password },
    { email: email2, password: password2 },
  ];
}

function describe({ outcome, message, legs, durationMs }: Report): string {
  const rows = legs.map(({ name, ok, ms, detail }) => [
    ok ? "ok" : "FAILED",
    name,
    `${Math.round(ms)} ms`,
    detail ?? "",
  ]);
  return `${table(["", "leg", "time", ""], rows)}\n${outcome}: ${message} (${durationMs} ms)`;
}
