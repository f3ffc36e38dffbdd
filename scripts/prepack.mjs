/**
 * `npm pack` of a workspace package calls this: builds afresh what is published (compiled modules, the web pages) and puts
 * the licence beside it. Works on a fresh checkout, under Node 18 too.
 */
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { findNode, root } from "./runtime.mjs";

/** npm starts it in the folder of the package. */
const folder = process.cwd();

run(process.execPath, [join(root, "scripts", "setup.mjs")]);
const isWeb = existsSync(join(folder, "vite.config.ts"));
// The pages are built by the set-up; what others import of that package is no TypeScript.
if (!isWeb) {
  // Without this, what was deleted from src would still be published.
  rmSync(join(folder, "dist"), { recursive: true, force: true });
  run(findNode() ?? process.execPath, [join(root, "node_modules", "typescript", "bin", "tsc"), "-b", folder]);
}
copyFileSync(join(root, "LICENSE"), join(folder, "LICENSE"));

function run(command, args) {
  // Standard output is npm's: `npm pack --json` writes there.
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: ["ignore", 2, 2] });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
}
