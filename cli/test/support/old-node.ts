/** A Node of this machine that is older than what the packages need; undefined where there is none. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

export const oldNode: string | undefined = (process.env.PATH ?? "")
  .split(delimiter)
  .map((folder) => join(folder, "node"))
  .filter((path) => existsSync(path))
  .find(isOld);

function isOld(path: string): boolean {
  const { stdout } = spawnSync(path, ["--version"], { encoding: "utf8" });
  const [major = 0, minor = 0] = stdout.trim().slice(1).split(".").map(Number);
  return major >= 18 && (major < 22 || (major === 22 && minor < 18));
}
