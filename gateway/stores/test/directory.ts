/** Data directories for tests: gone when the test is over. */
import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "trueline-stores-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** What is on the disk now, while the store is open: what a process finds after `kill -9` of the one before. */
export function copyAsAfterKill(directory: string): string {
  const copy = temporaryDirectory();
  for (const name of ["trueline.db", "trueline.db-wal"]) {
    if (existsSync(join(directory, name))) copyFileSync(join(directory, name), join(copy, name));
  }
  return copy;
}

/** A directory on a disk of its own with so many bytes; undefined where this machine does not let us mount one. */
export function smallDisk(bytes: number): string | undefined {
  const directory = temporaryDirectory();
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${bytes}`, "tmpfs", directory], { stdio: "pipe" });
  } catch {
    return undefined;
  }
  onTestFinished(() => void execFileSync("umount", [directory]));
  return directory;
}
