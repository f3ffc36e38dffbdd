/**
 * Which Node the project runs on: the one that package-lock.json brings, or the machine's own where that is new enough.
 * Runs on Node 18 and without a dependency, since it is needed before anything is installed. Called by the scripts here.
 */
import { spawnSync } from "node:child_process";
import { existsSync, lstatSync, mkdirSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));
export const oldestNode = "22.18.0";

const windows = process.platform === "win32";

/** @param {string} version */
export function isUsable(version) {
  const [major = 0, minor = 0] = version.replace(/^v/, "").split(".").map(Number);
  const [oldestMajor = 0, oldestMinor = 0] = oldestNode.split(".").map(Number);
  return major > oldestMajor || (major === oldestMajor && minor >= oldestMinor);
}

/** The Node that was installed as a dependency; undefined where there is none for this machine. */
export function packagedNode() {
  const folder = `node-${windows ? "win" : process.platform}-${process.arch}`;
  const binary = join(root, "node_modules", folder, "bin", windows ? "node.exe" : "node");
  return existsSync(binary) ? binary : undefined;
}

/**
 * Path of the Node to run things with; undefined when neither the packaged nor the running one will do. Starts the
 * packaged one to see that it runs here: it cannot where the C library is another (Alpine).
 */
export function findNode() {
  const packaged = packagedNode();
  if (packaged && spawnSync(packaged, ["--version"]).status === 0) return packaged;
  return isUsable(process.version) ? process.execPath : undefined;
}

/** Makes `node` in npm scripts and in `npx` mean `binary`. npm 10 leaves this link out. */
export function linkNode(binary) {
  const folder = join(root, "node_modules", ".bin");
  mkdirSync(folder, { recursive: true });
  if (windows) return writeFileSync(join(folder, "node.cmd"), `@"${binary}" %*\r\n`);
  const link = join(folder, "node");
  const target = relative(folder, binary);
  if (existingLink(link) === target) return;
  rmSync(link, { force: true });
  symlinkSync(target, link);
}

function existingLink(path) {
  const entry = lstatSync(path, { throwIfNoEntry: false });
  return entry?.isSymbolicLink() ? readlinkSync(path) : undefined;
}
