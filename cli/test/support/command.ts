/** Runs `trueline` as a person does: as a process of its own, in a directory of its own. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

export const launcher = fileURLToPath(new URL("../../bin/trueline.js", import.meta.url));

export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "trueline-cli-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly input?: string;
  /** The Node that runs the launcher. Default: the one of the tests. */
  readonly node?: string;
}

export async function trueline(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  const child = start(args, options);
  child.stdin?.end(options.input ?? "");
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close"),
  ]);
  return { code, stdout, stderr };
}

export interface Up {
  readonly url: string;
  readonly pid: number;
  readonly child: ChildProcess;
  /** Standard error so far. */
  readonly said: () => string;
  signal(name: NodeJS.Signals): void;
  readonly ended: Promise<number | null>;
}

/** `trueline up --json` in the background, once it is ready. */
export async function up(args: readonly string[], options: RunOptions = {}): Promise<Up> {
  const child = start(["up", "--json", "--port", "0", ...args], options);
  onTestFinished(() => void child.kill("SIGKILL"));
  let said = "";
  child.stderr.on("data", (chunk) => {
    said += chunk;
  });
  const ended = once(child, "close").then(([code]) => code as number | null);
  const lines = createInterface(child.stdout);
  const [line] = await Promise.race([
    once(lines, "line") as Promise<[string]>,
    ended.then((code) => Promise.reject(new Error(`up ended with ${code}: ${said}`))),
  ]);
  const { url, pid } = JSON.parse(line);
  return { url, pid, child, said: () => said, signal: (name) => void child.kill(name), ended };
}

function start(args: readonly string[], { cwd, environment = {}, node = process.execPath }: RunOptions) {
  const { PATH = "", HOME = "" } = process.env;
  return spawn(node, [launcher, ...args], {
    cwd: cwd ?? temporaryDirectory(),
    env: { PATH, HOME, ...environment },
    stdio: ["pipe", "pipe", "pipe"],
  });
}
