/**
 * Makes a checkout ready to run: the locked dependencies, the right Node, the built web pages. Does only what is
 * missing, says what it does, and is silent when nothing is. Runs on Node 18 without a dependency, before `npm start` and
 * `npm test`; two at once wait for each other. Never changes package-lock.json and runs no script of a dependency.
 */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { withLock } from "./lock.mjs";
import { findNode, linkNode, oldestNode, packagedNode, root } from "./runtime.mjs";

/** Inside node_modules, so that whoever deletes that deletes this with it. */
const recordFile = join(root, "node_modules", ".trueline-setup.json");
const builtPage = join(root, "gateway", "web", "dist", "index.html");
const platform = `${process.platform}-${process.arch}`;

class SetupError extends Error {}

await main();

async function main() {
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));
  const wanted = { lock: hashFiles(["package-lock.json"]), platform, web: hashFiles(webSources()) };
  if (isReady(wanted)) return;
  try {
    await withLock(join(root, ".setup", "lock"), {
      onWait: () => say("another set-up is running here; waiting for it"),
      work: () => setUp(wanted),
    });
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    console.error(`\n${error.message}`);
    process.exitCode = 1;
  }
}

async function setUp(wanted) {
  // Somebody else may have done it while this process waited for the lock.
  const record = readRecord();
  if (isReady(wanted)) return;
  if (record.lock !== wanted.lock || record.platform !== platform) await installDependencies(record);
  const node = usableNode();
  // A Node of the machine's own is in the PATH already.
  if (node === packagedNode()) linkNode(node);
  writeRecord({ ...wanted, web: "" });
  await buildWeb(node);
  writeRecord(wanted);
}

function isReady(wanted) {
  const record = readRecord();
  const same =
    record.lock === wanted.lock && record.platform === wanted.platform && record.web === wanted.web;
  return same && existsSync(builtPage) && existsSync(join(root, "node_modules"));
}

// Dependencies

async function installDependencies(record) {
  if (record.platform === undefined && installedAsLocked()) return;
  say("installing dependencies (a minute or two the first time)");
  // npm's own Node, not the one in node_modules that it is about to replace.
  const npm = process.env.npm_execpath;
  const [command, ...args] = npm ? [process.env.npm_node_execpath ?? process.execPath, npm] : ["npm"];
  const outcome = await run(command, [
    ...args,
    "ci",
    "--ignore-scripts",
    "--include=optional",
    "--include=dev",
    "--loglevel=error",
  ]);
  if (outcome !== 0) throw new SetupError(`\`npm ci\` failed (${outcome}). What it said stands above.`);
}

/** Whether what was installed by hand (`npm install`, `npm ci`) is what package-lock.json says. */
function installedAsLocked() {
  const installed = readPackages(join("node_modules", ".package-lock.json"));
  const locked = readPackages("package-lock.json");
  if (!installed || !locked) return false;
  const same = ([path, entry]) =>
    entry.version === locked[path]?.version && entry.integrity === locked[path]?.integrity;
  const present = ([path, entry]) => path in installed || entry.optional || !path.includes("node_modules/");
  return Object.entries(installed).every(same) && Object.entries(locked).every(present);
}

function readPackages(file) {
  const path = join(root, file);
  return existsSync(path) ? JSON.parse(readFileSync(path, "utf8")).packages : undefined;
}

function usableNode() {
  const node = findNode();
  if (node) return node;
  throw new SetupError(
    `Trueline needs Node ${oldestNode} or newer. This is Node ${process.version.slice(1)}, and there is no packaged Node that ` +
      `runs on ${platform}.\nInstall Node 24 (https://nodejs.org), then try again.`,
  );
}

// Web pages

function webSources() {
  const folders = [
    "gateway/web/src",
    "gateway/web/public",
    "gateway/client/src",
    "gateway/protocol/src",
    "kit/src",
  ];
  const files = ["index.html", "vite.config.ts", "package.json"].map((file) => `gateway/web/${file}`);
  return [...folders.flatMap(listFiles), ...files].filter((path) => existsSync(join(root, path)));
}

async function buildWeb(node) {
  say("building the web pages");
  const vite = join(root, "node_modules", "vite", "bin", "vite.js");
  const outcome = await run(node, [vite, "build", "--logLevel", "warn"], join(root, "gateway", "web"));
  if (outcome !== 0)
    throw new SetupError(`Building gateway/web failed (${outcome}). What Vite said stands above.`);
}

// Files, processes, record

function listFiles(folder) {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { withFileTypes: true })
    .flatMap((entry) =>
      entry.isDirectory() ? listFiles(`${folder}/${entry.name}`) : [`${folder}/${entry.name}`],
    )
    .sort();
}

function hashFiles(files) {
  const hash = createHash("sha256");
  for (const file of files) {
    const content = readFileSync(join(root, file));
    hash.update(`${file}\0${content.length}\0`).update(content);
  }
  return hash.digest("hex");
}

/** Resolves to the exit code, or to the name of the signal that ended it. */
function run(command, args, cwd = root) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, stdio: ["ignore", 2, 2] });
    child.once("error", reject);
    child.once("exit", (code, signal) => resolve(code ?? signal));
  });
}

function readRecord() {
  try {
    return JSON.parse(readFileSync(recordFile, "utf8"));
  } catch {
    // None yet, or cut off by a crash: then everything is looked at again.
    return {};
  }
}

function writeRecord(record) {
  writeFileSync(recordFile, `${JSON.stringify(record)}\n`);
}

/** To standard error: `npm start -- --json` has one line on standard output. */
function say(what) {
  console.error(`set-up: ${what}`);
}
