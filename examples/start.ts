/** Starts an example by its npm script, as a reader would, on a free port and with a data directory of its own. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const { scripts }: { scripts: Readonly<Record<string, string>> } = JSON.parse(
  readFileSync(join(root, "package.json"), "utf8"),
);

/** Gives its address once it says where it listens. */
export async function start(example: string, environment: Readonly<Record<string, string>>): Promise<string> {
  const data = await mkdtemp(join(tmpdir(), "trueline-example-"));
  const [node, ...args] = scripts[`example:${example}`]?.split(" ") ?? [];
  if (node !== "node") throw new Error(`package.json has no script for the example ${example}`);
  const child = spawn(process.execPath, args, {
    cwd: root,
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
