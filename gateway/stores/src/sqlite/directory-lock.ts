/**
 * One process at a time has a data directory. The lock is an SQLite lock on a file of its own, which the kernel takes
 * back however the process ends; so a dead owner blocks nobody, and two that start at once cannot both have it.
 * Who the owner is stands in a second file, only to be named in the refusal.
 */
import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { explain, StoreError } from "./store-error.ts";

export interface DirectoryLock {
  release(): void;
}

interface Owner {
  readonly pid: number;
  /** ISO 8601, UTC. */
  readonly since: string;
}

export function lockDirectory(directory: string, now: number): DirectoryLock {
  const lockFile = join(directory, "trueline.lock");
  const ownerFile = join(directory, "trueline.owner.json");
  const handle = takeLock(lockFile, ownerFile, directory);
  try {
    writeOwner(ownerFile, { pid: process.pid, since: new Date(now).toISOString() });
  } catch (error) {
    handle.close();
    throw explain(error, ownerFile);
  }
  return {
    release() {
      rmSync(ownerFile, { force: true });
      handle.close();
    },
  };
}

function takeLock(lockFile: string, ownerFile: string, directory: string): Database.Database {
  let handle: Database.Database | undefined;
  try {
    handle = new Database(lockFile, { timeout: 0 });
    handle.exec("PRAGMA journal_mode = MEMORY; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
    return handle;
  } catch (error) {
    handle?.close();
    const reason = explain(error, lockFile);
    if (!(reason instanceof StoreError) || reason.code !== "in_use") throw reason;
    throw new StoreError("in_use", directory, `in use by ${describeOwner(ownerFile)}`, { cause: error });
  }
}

function writeOwner(file: string, owner: Owner): void {
  const fresh = `${file}.${process.pid}`;
  writeFileSync(fresh, `${JSON.stringify(owner)}\n`);
  renameSync(fresh, file);
}

/** The lock is taken before its owner is written, so in between there is none, or one that is dead. */
function describeOwner(file: string): string {
  try {
    const { pid, since } = JSON.parse(readFileSync(file, "utf8")) as Owner;
    return isAlive(pid) ? `process ${pid} since ${since}` : "another process that is just starting";
  } catch (error) {
    return `another process (who it is cannot be read: ${(error as Error).message})`;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as { code?: unknown }).code === "EPERM";
  }
}
