/** The launcher on a Node that is too old: it goes on with the one that was installed with the package, or says what to do. */
import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
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
