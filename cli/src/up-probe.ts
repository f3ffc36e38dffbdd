/** The probe inside `trueline up`: walks the gateway's own golden path from outside, keeps what it finds, and alerts. */
import type { Config, Gateway } from "@trueline/gateway";
import {
  type Alerts,
  createAlerts,
  createProbe,
  type Probe,
  tellOfWalk,
  type Webhook,
  watch,
} from "@trueline/probe";
import type { ServiceLevelsReport } from "@trueline/protocol";

export interface UpProbe {
  readonly gateway: Gateway;
  /** Where it listens. */
  readonly url: string;
  readonly config: Pick<Config, "probe" | "demo" | "agents">;
  readonly environment: NodeJS.ProcessEnv;
  /** What went wrong beside the walks. */
  readonly onTrouble: (message: string) => void;
}

const demoEverySeconds = 30;
/** After the start there is enough to do without it. */
const firstAfterMs = 5_000;
const dayMs = 86_400_000;

/** Gives the way to stop it: before the gateway drains, since that is no trouble to be told. */
export function startUpProbe({ gateway, url, config, environment, onTrouble }: UpProbe): () => Promise<void> {
  const { everySeconds = config.demo ? demoEverySeconds : 0, webhooks } = config.probe;
  if (everySeconds === 0) return () => Promise.resolve();
  const trouble = (error: unknown): void =>
    onTrouble(`the probe: ${error instanceof Error ? error.message : String(error)}`);
  const alerts = createAlerts({
    webhooks: webhooks.flatMap((to) => webhookOf(to, environment)),
    onTrouble: trouble,
  });
  let made: Promise<Probe> | undefined;
  const watching = watch({
    // When somebody has disabled the accounts or changed their passwords, the next walk makes them anew.
    probe: () => {
      made ??= makeProbe(gateway, reachable(url));
      made.catch(() => {
        made = undefined;
      });
      return made;
    },
    everyMs: everySeconds * 1000,
    firstAfterMs: Math.min(firstAfterMs, everySeconds * 1000),
    async onReport(report) {
      if (report.legs.some(({ name, ok }) => name === "login" && !ok)) made = undefined;
      tellOfWalk(alerts, report);
      await gateway.recordProbe(report);
      const to = Date.now();
      tellOfLevels(alerts, url, await gateway.serviceLevels({ from: to - 3 * dayMs, to }));
    },
    onTrouble: trouble,
  });
  return async () => {
    await alerts.close();
    await watching.stop();
  };
}

async function makeProbe(gateway: Gateway, url: string): Promise<Probe> {
  const accounts = await gateway.probeAccounts();
  if (!accounts) throw new Error("it has no accounts, since this gateway's are elsewhere");
  return createProbe({ url, accounts });
}

/** One that listens on every address of the machine is reached on loopback. */
const reachable = (url: string): string =>
  url.replace("//0.0.0.0:", "//127.0.0.1:").replace("//[::]:", "//[::1]:");

function webhookOf({ urlEnv, format }: Config["probe"]["webhooks"][number], environment: NodeJS.ProcessEnv) {
  const url = environment[urlEnv];
  return url === undefined ? [] : [{ url, format } satisfies Webhook];
}

function tellOfLevels(alerts: Alerts, url: string, { levels }: ServiceLevelsReport): void {
  for (const { name, source, alerts: windows, objective } of levels) {
    for (const { severity, factor, longMinutes, firing } of windows) {
      const what = `${name.replaceAll("_", " ")} (${source})`;
      alerts.tell(`level ${source} ${name} ${factor}`, firing, {
        title: `${severity}: ${what} of ${url} ${firing ? "burns its error budget too fast" : "is well again"}`,
        text: `Objective ${objective * 100} %, over ${longMinutes} minutes, ${factor} times what the budget allows.`,
      });
    }
  }
}
