#!/usr/bin/env node
/**
 * Starts the command line on a Node that is new enough: this one, or the one that was installed with the package. Plain
 * JavaScript that Node 18 understands, because it may be run by that. In the repository it runs the TypeScript sources;
 * a published package has only dist.
 */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import * as nodeModule from "node:module";
import { constants } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const oldest = [22, 18];
/** Tells the child of this launcher whose it is. */
const starter = "TRUELINE_LAUNCHER_PID";
const endings = ["SIGINT", "SIGTERM"];
const here = dirname(fileURLToPath(import.meta.url));
const sources = join(here, "..", "src", "main.ts");
const built = join(here, "..", "dist", "main.js");

if (isUsable(process.version)) await run();
else runOnPackagedNode();

function isUsable(version) {
  const [major = 0, minor = 0] = version.slice(1).split(".").map(Number);
  return major > oldest[0] || (major === oldest[0] && minor >= oldest[1]);
}

async function run() {
  endWithStarter();
  // Until `up` looks to it itself there is nothing to end in order.
  if (process.argv[2] === "up") for (const signal of endings) process.on(signal, endAtOnce);
  const inRepository = existsSync(sources);
  if (inRepository) resolveToSources();
  const { main } = await import(pathToFileURL(inRepository ? sources : built).href);
  const done = main(process.argv.slice(2));
  for (const signal of endings) process.off(signal, endAtOnce);
  await done;
}

function endAtOnce() {
  process.exit(0);
}

/**
 * Does what SIGTERM does once whoever started it is gone: npm passes a signal on to nobody, and a launcher that is killed
 * cannot. Others who start it may go away and leave it running. Not on Windows, which tells nobody.
 */
function endWithStarter() {
  const { [starter]: launcher, npm_lifecycle_event: script } = process.env;
  delete process.env[starter];
  if (launcher === undefined && script === undefined) return;
  const parent = launcher === undefined ? process.ppid : Number(launcher);
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    process.kill(process.pid, "SIGTERM");
  }, 1_000);
  timer.unref();
}

/** Our packages name their sources under a condition of their own. */
function resolveToSources() {
  nodeModule.registerHooks({
    resolve: (specifier, context, next) =>
      next(specifier, { ...context, conditions: [...context.conditions, "trueline-source"] }),
  });
}

function runOnPackagedNode() {
  const node = packagedNode();
  if (node === undefined) {
    console.error(
      `trueline needs Node ${oldest.join(".")} or newer, and this is ${process.version}. None was installed with it either ` +
        "(npm leaves it out with --omit=optional). Install a newer Node and run the command again.",
    );
    process.exitCode = 4;
    return;
  }
  endWithStarter();
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: "inherit",
    env: { ...process.env, [starter]: String(process.pid) },
  });
  // From a terminal Ctrl-C reaches the child as well; it takes two of the same moment for one.
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
  for (const signal of signals) process.on(signal, () => child.kill(signal));
  child.on("error", (error) => {
    console.error(`trueline could not be started with ${node}: ${error.message}`);
    process.exitCode = 4;
  });
  child.on("exit", (code, signal) => {
    process.exitCode = code ?? 128 + constants.signals[signal];
  });
}

/** In the nearest node_modules that has it, as Node itself would look for it. */
function packagedNode() {
  const windows = process.platform === "win32";
  const folder = `node-${windows ? "win" : process.platform}-${process.arch}`;
  for (let above = here; ; above = dirname(above)) {
    const binary = join(above, "node_modules", folder, "bin", windows ? "node.exe" : "node");
    if (existsSync(binary)) return binary;
    if (dirname(above) === above) return undefined;
  }
}
