/** Starts an example in a process of its own, as a reader would, on a free port and a data directory of its own. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

/** Gives its address once it says where it listens. */
export async function start(example: string, environment: Readonly<Record<string, string>>): Promise<string> {
  const data = await mkdtemp(join(tmpdir(), "trueline-example-"));
  const file = fileURLToPath(new URL(example, import.meta.url));
  const child = spawn(process.execPath, ["--conditions=trueline-source", file], {
    env: { ...process.env, PORT: "0", DATA: data, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  onTestFinished(async () => {
    child.kill("SIGTERM");
    if (child.exitCode === null) await once(child, "exit");
    await rm(data, { recursive: true, force: true });
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (said += text));
  for await (const _ of child.stdout) {
    const port = /port: (\d+)|127\.0\.0\.1:(\d+)/.exec(said);
    if (port) return `http://127.0.0.1:${port[1] ?? port[2]}`;
  }
  throw new Error(`${example} ended without listening: ${said}`);
}
