/** `trueline up`: a gateway in this process, until a signal ends it. */
import {
  type Bound,
  bind,
  type Config,
  createGateway,
  type Gateway,
  gatewayOptions,
  type Listening,
  loadConfig,
  version,
} from "@trueline/gateway";
import type { Command } from "commander";
import pc from "picocolors";
import { refuseMistakes, sourcesOf } from "./configuration.ts";
import { CommandError, exitCodes } from "./exit-codes.ts";
import { createOutput, type Output } from "./output.ts";
import { startUpProbe } from "./up-probe.ts";

interface UpFlags {
  readonly host?: string;
  readonly port?: string;
  readonly data?: string;
  readonly demo?: true;
  readonly json?: true;
  readonly config?: string;
}

export function addUp(trueline: Command): void {
  trueline
    .command("up")
    .description("start a gateway and serve until SIGTERM or Ctrl-C")
    .option("--host <address>", "the address to listen on (127.0.0.1)")
    .option("--port <number>", "the port to listen on (8080); 0: any free one")
    .option("--data <directory>", "where everything is kept (./.trueline)")
    .option("--demo", "make the users ada@example.com and bob@example.com; on loopback only")
    .option("--config <file>", "the configuration file (trueline.config.yaml, if it is there)")
    .option("--json", "print one line of JSON when ready")
    .action(up);
}

async function up({ json, config: file, ...flags }: UpFlags): Promise<void> {
  const output = createOutput(json === true);
  const loaded = loadConfig(sourcesOf(flags, file));
  if (!loaded.ok) refuseMistakes(loaded.error);
  const { config, unknownVariables } = loaded.value;
  for (const variable of unknownVariables)
    process.stderr.write(`trueline: ${variable} is set, but there is no such option\n`);
  const options = gatewayOptions(config, process.env);
  // The address comes first: whoever cannot have it has begun nothing, and no password was shown in vain.
  const serving = bound(config).then((address) => serve(address, options, config, output));
  const ended = endOnSignal(() => serving.then(({ stop }) => stop()));
  await Promise.race([serving.then(({ ready }) => ready), ended]);
  await ended;
}

interface Serving {
  readonly ready: Promise<void>;
  stop(): Promise<void>;
}

/** When it cannot start, it has given everything back. */
function serve(
  address: Bound,
  options: ReturnType<typeof gatewayOptions>,
  config: Config,
  output: Output,
): Serving {
  const gateway = createGateway({
    ...options,
    accounts: { ...options.accounts, onFirstAdministrator: (made) => showAdministrator(output, made) },
  });
  let stopProbe = (): Promise<void> => Promise.resolve();
  let isStopped = false;
  async function stop(): Promise<void> {
    isStopped = true;
    await Promise.all([stopProbe(), gateway.close()]);
  }
  async function start(): Promise<void> {
    const listening = await gateway.listen(address);
    if (isStopped) return;
    announce(output, listening, config);
    stopProbe = probeBeside(gateway, listening, config);
  }
  const ready = start().catch(async (error: unknown) => {
    if (isStopped) return;
    await stop();
    throw error;
  });
  return { ready, stop };
}

function probeBeside(gateway: Gateway, { url }: Listening, config: Config): () => Promise<void> {
  const onTrouble = (message: string): void => void process.stderr.write(`trueline: ${message}\n`);
  return startUpProbe({ gateway, url, config, environment: process.env, onTrouble });
}

async function bound(address: { host: string; port: number }): Promise<Bound> {
  try {
    return await bind(address);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const { host, port } = address;
    const sentence: Record<string, string> = {
      EADDRINUSE: `port ${port} on ${host} is in use by another program; choose another with --port, or --port 0 for any free one`,
      EACCES: `this user may not listen on port ${port}; choose one above 1023 with --port`,
      EADDRNOTAVAIL: `this machine has no address ${host}; choose another with --host`,
      ENOTFOUND: `there is no host ${host}; choose another with --host`,
    };
    throw new CommandError(
      exitCodes.refused,
      sentence[code ?? ""] ?? `it cannot listen on ${host}:${port}: ${message}`,
      { cause: error },
    );
  }
}

function showAdministrator(output: Output, { email, password }: { email: string; password: string }): void {
  output.note(
    `An administrator was made. This password is shown only now:\n  ${email}   ${pc.bold(password)}`,
  );
}

function announce(output: Output, { url }: Listening, { demo, data }: { demo: boolean; data: string }): void {
  const lines = [`Trueline ${version} is ready: ${pc.bold(pc.cyan(url))}`];
  if (demo) lines.push("  sign in as ada@example.com or bob@example.com, password trueline-demo");
  lines.push(`  data in ${data} · Ctrl-C stops it`);
  output.result({ url, pid: process.pid, version }, lines.join("\n"));
}

/** A signal that comes within this time of the first is the same act: a terminal and npm both pass Ctrl-C on. */
const sameActMs = 300;

/** The first signal drains and ends in order; the second ends at once. */
function endOnSignal(close: () => Promise<void>): Promise<void> {
  return new Promise((resolve, reject) => {
    let first: number | undefined;
    const onSignal = (signal: NodeJS.Signals): void => {
      const now = performance.now();
      if (first !== undefined) {
        if (now - first > sameActMs) process.exit(signal === "SIGINT" ? 130 : 143);
        return;
      }
      first = now;
      close().then(resolve, reject);
    };
    process.on("SIGTERM", onSignal);
    process.on("SIGINT", onSignal);
  });
}
