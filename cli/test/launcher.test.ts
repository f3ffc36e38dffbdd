/** The launcher on a Node that is too old: it goes on with the one that was installed with the package, or says what to do. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { expect, it, onTestFinished } from "vitest";
import { launcher, temporaryDirectory, trueline, up } from "./support/command.ts";
import { oldNode } from "./support/old-node.ts";

it.runIf(oldNode)(
  "CL1: on an old Node it runs on the packaged one, passes signals on and gives its exit code",
  async () => {
    const node = oldNode as string;
    expect((await trueline(["--version"], { node })).code).toBe(0);
    expect((await trueline(["nothing"], { node })).code).toBe(2);
    const gateway = await up(["--demo"], { node });
    expect(gateway.pid).not.toBe(gateway.child.pid);
    gateway.signal("SIGTERM");
    expect(await gateway.ended).toBe(0);
  },
);

/** Whoever still has standard output open is still running. */
const isOver = (output: Readable | null) =>
  new Promise<void>((resolve) => output?.once("close", () => resolve()));

it.runIf(oldNode)("DR1: on an old Node a gateway ends when its launcher is killed", async () => {
  const gateway = await up(["--demo"], { node: oldNode as string });
  gateway.signal("SIGKILL");
  await isOver(gateway.child.stdout);
  await expect(fetch(`${gateway.url}/healthz`)).rejects.toThrow();
});

it("DR1: under npm a gateway ends when npm is gone, which passes no signal on", async () => {
  const command = `"${process.execPath}" "${launcher}" up --demo --json --port 0; true`;
  const shell = spawn("sh", ["-c", command], {
    cwd: temporaryDirectory(),
    env: { PATH: process.env.PATH, npm_lifecycle_event: "start" },
    stdio: ["ignore", "pipe", "ignore"],
  });
  const [line] = await once(createInterface(shell.stdout), "line");
  const { url, pid } = JSON.parse(line);
  onTestFinished(() => void killed(pid));
  shell.kill("SIGKILL");
  await isOver(shell.stdout);
  await expect(fetch(`${url}/healthz`)).rejects.toThrow();
});

/** If it is still there: a test that failed must not leave it behind. */
function killed(pid: number): boolean {
  try {
    return process.kill(pid, "SIGKILL");
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}

it.runIf(oldNode)("CL1: where none was installed with it, it says which Node it needs", async () => {
  const elsewhere = join(temporaryDirectory(), "bin");
  mkdirSync(elsewhere);
  copyFileSync(launcher, join(elsewhere, "trueline.mjs"));
  const { spawnSync } = await import("node:child_process");
  const { status, stderr } = spawnSync(oldNode as string, [join(elsewhere, "trueline.mjs")], {
    encoding: "utf8",
  });
  expect(status).toBe(4);
  expect(stderr).toContain("needs Node 22.18");
});
