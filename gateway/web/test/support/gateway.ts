/** A real gateway for the browser tests: `trueline up --demo` in a process of its own, on a free port, with its own data. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { webRoot } from "@trueline/web";

const trueline = fileURLToPath(new URL("../../../../cli/bin/trueline.js", import.meta.url));

export interface RunningGateway {
  readonly url: string;
  readonly port: number;
  stop(): Promise<void>;
}

export async function startGateway(): Promise<RunningGateway> {
  if (!existsSync(join(webRoot, "index.html"))) {
    throw new Error("The pages are not built: run `npm run build -w @trueline/web` first.");
  }
  const data = await mkdtemp(join(tmpdir(), "trueline-web-"));
  const child = spawn(process.execPath, [trueline, "up", "--demo", "--json", "--port", "0", "--data", data], {
    cwd: data,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const exited = once(child, "exit");
  const words = listenTo(child);
  const url = await readUrl(child, words);
  return {
    url,
    port: Number(new URL(url).port),
    async stop() {
      child.kill("SIGTERM");
      const [code] = await exited;
      await rm(data, { recursive: true, force: true });
      if (code !== 0) throw new Error(`the gateway ended with code ${code}:\n${words()}`);
    },
  };
}

/** The one line that it prints when it is ready. What it said on its way there is told if it never is. */
async function readUrl(child: ChildProcess, words: () => string): Promise<string> {
  if (child.stdout === null) throw new Error("started without pipes");
  for await (const line of createInterface(child.stdout)) return (JSON.parse(line) as { url: string }).url;
  throw new Error(`the gateway ended before it was ready:\n${words()}`);
}

/** What a process says on standard error, so far. */
function listenTo(child: ChildProcess): () => string {
  let words = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    words += chunk.toString();
  });
  return () => words;
}
