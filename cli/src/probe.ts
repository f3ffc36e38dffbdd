/** `trueline probe`: walks the golden path of a running gateway, once or again and again, and says whether it holds. */
import {
  createAlerts,
  createProbe,
  describeBriefly,
  describeReport,
  type Probe,
  ProbeOptionsError,
  tellOfWalk,
  type WebhookFormat,
  watch,
  webhookFormats,
} from "@trueline/probe";
import type { ProbeReport } from "@trueline/protocol";
import { type Command, Option } from "commander";
import { parseDuration } from "./duration.ts";
import { CommandError, type ExitCode, exitCodes } from "./exit-codes.ts";
import { createOutput, type Output } from "./output.ts";
import { type AccountFlags, accountsHelp, accountsOf } from "./probe-accounts.ts";

interface ProbeFlags extends AccountFlags {
  readonly agent?: string;
  readonly json?: true;
  readonly every?: number;
  readonly webhook?: readonly string[];
  readonly webhookFormat: WebhookFormat;
  readonly connectBudget?: number;
  readonly firstEventBudget?: number;
  readonly answerBudget?: number;
}

export function addProbe(trueline: Command): void {
  trueline
    .command("probe <url>")
    .description(
      "walk the golden path of a running gateway: exit 0 it holds, 1 it does not, 3 cannot be told",
    )
    .option("--email <address>", "the user who asks")
    .option("--password <password>", "others on this machine may see it in the list of processes")
    .option("--email-2 <address>", "the user who must see nothing of it")
    .option("--password-2 <password>")
    .option("--agent <name>", "the agent to ask (the gateway's default)")
    .option("--connect-budget <duration>", "ticket, socket and welcome (2s)", parseDuration)
    .option(
      "--first-event-budget <duration>",
      "from the message to the first event of its run (5s)",
      parseDuration,
    )
    .option("--answer-budget <duration>", "from the message to the answer (30s)", parseDuration)
    .option("--every <duration>", "go on until Ctrl-C; the exit code is that of the last walk", parseDuration)
    .option(
      "--webhook <url>",
      "with --every: told when a walk does not pass, and when one does again; may be repeated",
      (url: string, others: readonly string[] = []) => [...others, url],
    )
    .addOption(new Option("--webhook-format <format>").choices(webhookFormats).default("json"))
    .option("--json", "print one JSON document; with --every one a line")
    .addHelpText("after", accountsHelp)
    .action(probe);
}

const codes: Readonly<Record<ProbeReport["outcome"], ExitCode>> = {
  pass: exitCodes.done,
  fail: exitCodes.violations,
  inconclusive: exitCodes.refused,
};

async function probe(url: string, flags: ProbeFlags): Promise<void> {
  const output = createOutput(flags.json === true);
  const made = madeProbe(url, flags);
  if (flags.every !== undefined) return goOn(made, flags.every, flags, output);
  if (flags.webhook) throw new CommandError(exitCodes.wrongUse, "--webhook goes with --every");
  const report = await made.run();
  output.result(report, describeReport(report));
  process.exitCode = codes[report.outcome];
}

function madeProbe(url: string, flags: ProbeFlags): Probe {
  const { agent, connectBudget, firstEventBudget, answerBudget } = flags;
  const accounts = accountsOf(flags, process.env);
  try {
    return createProbe({
      url,
      ...(agent === undefined ? {} : { agent }),
      ...(accounts ? { accounts } : {}),
      budgets: {
        ...(connectBudget === undefined ? {} : { connectMs: connectBudget }),
        ...(firstEventBudget === undefined ? {} : { firstEventMs: firstEventBudget }),
        ...(answerBudget === undefined ? {} : { answerMs: answerBudget }),
      },
    });
  } catch (error) {
    if (error instanceof ProbeOptionsError)
      throw new CommandError(exitCodes.wrongUse, error.message, { cause: error });
    throw error;
  }
}

/** Until a signal; then the alerts that are on their way are still delivered, or given up after their attempts. */
async function goOn(made: Probe, everyMs: number, flags: ProbeFlags, output: Output): Promise<void> {
  const { webhook = [], webhookFormat: format } = flags;
  const onTrouble = (error: unknown): void =>
    void process.stderr.write(`trueline: ${error instanceof Error ? error.message : String(error)}\n`);
  const alerts = createAlerts({
    webhooks: webhook.map((to) => ({ url: checkedUrl(to), format })),
    onTrouble,
  });
  const watching = watch({
    probe: () => made,
    everyMs,
    onTrouble,
    onReport(report) {
      output.result(report, describeBriefly(report));
      tellOfWalk(alerts, report);
      process.exitCode = codes[report.outcome];
    },
  });
  await signalled();
  await watching.stop();
  await alerts.settled();
}

function checkedUrl(text: string): string {
  if (/^https?:$/.test(URL.parse(text)?.protocol ?? "")) return text;
  throw new CommandError(exitCodes.wrongUse, "--webhook takes an http or https address");
}

const signalled = (): Promise<void> =>
  new Promise((resolve) => {
    process.once("SIGINT", () => resolve());
    process.once("SIGTERM", () => resolve());
  });
