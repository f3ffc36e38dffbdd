/** A real gateway with the demo's users, in a process of its own: `spawnGateway` starts this very file. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createGateway } from "@trueline/gateway";

export interface GatewayProcess {
  readonly url: string;
  readonly process: ChildProcess;
  stop(): Promise<void>;
}

export async function spawnGateway({ demo = true } = {}): Promise<GatewayProcess> {
  const directory = mkdtempSync(join(tmpdir(), "trueline-probe-"));
  const here = fileURLToPath(import.meta.url);
  const child = spawn(process.execPath, ["--conditions=trueline-source", here, directory, String(demo)], {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const exited = once(child, "exit");
  const [url] = await Promise.race([
    once(child, "message"),
    exited.then(() => Promise.reject(new Error("the gateway did not start"))),
  ]);
  return {
    url: String(url),
    process: child,
    async stop() {
      child.kill("SIGTERM");
      await exited;
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

async function serve(directory: string, demo: boolean): Promise<void> {
  const gateway = createGateway({ store: { directory }, accounts: { demo }, log: "error" });
  const { url } = await gateway.listen({ port: 0 });
  process.on("SIGTERM", () => void gateway.close().then(() => process.exit(0)));
  process.send?.(url);
}

const [script, directory, demo] = process.argv.slice(1);
if (script === fileURLToPath(import.meta.url) && directory !== undefined)
  await serve(directory, demo === "true");
