/**
 * Opens the one SQLite file of a data directory: locked, checked, migrated. Adapters use `queries` (kysely, shared with
 * other databases) or, on the hot path, `handle` inside `lane.run`. Nobody else opens the file.
 */
import { existsSync, mkdirSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { type Clock, systemClock } from "@trueline/kit";
import Database from "better-sqlite3";
import { Kysely } from "kysely";
import type { Tables } from "../sql/tables.ts";
import { autoCheckpointPages, Checkpointer, fallbackCheckpointPages } from "./checkpointer.ts";
import { laneDialect } from "./dialect.ts";
import { lockDirectory } from "./directory-lock.ts";
import { Lane } from "./lane.ts";
import { type Migration, migrate } from "./migrations.ts";
import { migrations as allMigrations } from "./schema/index.ts";
import { beginSession, endSession, type Synchronous } from "./session.ts";
import { explain, StoreError } from "./store-error.ts";

export interface DatabaseOptions {
  /** Where the files are; made when it is not there. */
  readonly directory: string;
  /**
   * `normal` (default): an acknowledged event survives `kill -9`. `full`: a power cut too, at the price of one fsync
   * for every commit.
   */
  readonly synchronous?: Synchronous;
  readonly clock?: Clock;
  /** Of this boot of the machine; by default what the system says. */
  readonly bootId?: string;
  readonly migrations?: readonly Migration[];
  /** The thread that checkpoints failed. Nothing is lost: until it works again the writing connection does it itself. */
  readonly onCheckpointFailure?: (error: unknown) => void;
}

export interface SqliteStoreDatabase {
  readonly file: string;
  readonly handle: Database.Database;
  readonly lane: Lane;
  readonly queries: Kysely<Tables>;
  /** Of the event log in it. */
  readonly epoch: string;
  /** To be told about how much an adapter wrote with `handle`: it is what checkpoints go by. */
  wrote(bytes: number): void;
  /** Waits for what was begun, writes what `onClose` was given, marks the end as orderly. Again: does nothing. */
  close(): Promise<void>;
  /** Adds what an adapter has still to write when the database closes. */
  onClose(write: () => void): void;
}

/** "TRLN", in the header of every database of ours. */
const applicationId = 0x54524c4e;
/** Bytes up to which a file is checked whole when it is opened; half a second or less. */
const checkedFileBytes = 256 * 1024 * 1024;

/** Throws `StoreError`. */
export function openDatabase(options: DatabaseOptions): SqliteStoreDatabase {
  const file = join(options.directory, "trueline.db");
  const clock = options.clock ?? systemClock;
  makeDirectory(options.directory);
  const lock = lockDirectory(options.directory, clock.now());
  let handle: Database.Database | undefined;
  try {
    handle = new Database(file, { timeout: 5_000 });
    const epoch = prepare(handle, options);
    const checkpointer = checkpointerOf(file, handle, options);
    return database(file, handle, epoch, checkpointer, () => lock.release());
  } catch (error) {
    handle?.close();
    lock.release();
    throw explain(error, file);
  }
}

function makeDirectory(directory: string): void {
  try {
    makeWithParents(resolve(directory));
  } catch (error) {
    throw explain(error, directory);
  }
}

/** Not by `recursive`: where a file system refuses a new directory as if its parent were not there, that goes on for ever. */
function makeWithParents(directory: string): void {
  const isThere = (): boolean => statSync(directory, { throwIfNoEntry: false })?.isDirectory() === true;
  if (isThere()) return;
  const parent = dirname(directory);
  if (!existsSync(parent)) makeWithParents(parent);
  try {
    mkdirSync(directory, { mode: 0o700 });
  } catch (error) {
    // Another process may have made it meanwhile.
    if (!isThere()) throw error;
  }
}

function prepare(handle: Database.Database, options: DatabaseOptions): string {
  const synchronous = options.synchronous ?? "normal";
  identify(handle);
  handle.pragma("journal_mode = WAL");
  handle.pragma(`wal_autocheckpoint = ${autoCheckpointPages}`);
  handle.pragma("synchronous = FULL");
  handle.pragma("foreign_keys = ON");
  check(handle);
  handle.function("lower", { deterministic: true }, lowerCase);
  migrate(handle, options.migrations ?? allMigrations);
  const epoch = beginSession(handle, synchronous, options.bootId);
  handle.pragma(`synchronous = ${synchronous}`);
  return epoch;
}

/** Takes over an empty file; refuses one that something else made. */
function identify(handle: Database.Database): void {
  const owner = handle.pragma("application_id", { simple: true });
  if (owner === applicationId) return;
  const tables = handle.prepare<[], number>("SELECT count(*) FROM sqlite_schema").pluck().get();
  if (owner !== 0 || tables !== 0) {
    throw new StoreError("foreign", handle.name, "a database, but not one of Trueline's");
  }
  handle.pragma("page_size = 4096");
  handle.pragma(`application_id = ${applicationId}`);
}

/** A large file is not read through at every start: damage in it shows when the damaged page is read. */
function check(handle: Database.Database): void {
  if (!existsSync(handle.name) || statSync(handle.name).size > checkedFileBytes) return;
  const found = handle.pragma("quick_check(1)", { simple: true });
  if (found !== "ok") throw new StoreError("corrupt", handle.name, `damaged: ${String(found)}`);
}

/** SQLite's own knows only ASCII. */
export const lowerCase = (text: unknown): unknown => (typeof text === "string" ? text.toLowerCase() : text);

function checkpointerOf(
  file: string,
  handle: Database.Database,
  { onCheckpointFailure }: DatabaseOptions,
): { lane: Lane; checkpointer: Checkpointer } {
  const lane = new Lane();
  const checkpointByItself = (pages: number) => {
    if (handle.open) handle.pragma(`wal_autocheckpoint = ${pages}`);
  };
  const checkpointer = new Checkpointer(file, lane, {
    threadOnFailure(error) {
      checkpointByItself(fallbackCheckpointPages);
      onCheckpointFailure?.(error);
    },
    threadOnRecovery: () => checkpointByItself(autoCheckpointPages),
  });
  return { lane, checkpointer };
}

function database(
  file: string,
  handle: Database.Database,
  epoch: string,
  { lane, checkpointer }: { lane: Lane; checkpointer: Checkpointer },
  unlock: () => void,
): SqliteStoreDatabase {
  const wrote = (bytes: number) => checkpointer.wrote(bytes);
  const lastWrites: (() => void)[] = [];
  const finish = () => {
    try {
      for (const write of lastWrites) write();
      endSession(handle);
    } catch (error) {
      // All that was acknowledged is safe; it is the next start that has more to do.
      throw explain(error, file);
    } finally {
      handle.close();
      unlock();
    }
  };
  const close = async () => {
    // Queries that were begun take the lane within this turn, every step of them.
    await new Promise((resolve) => setImmediate(resolve));
    await checkpointer.close();
    await lane.run(() => handle.open && finish());
  };
  return {
    file,
    handle,
    lane,
    epoch,
    queries: new Kysely<Tables>({ dialect: laneDialect(handle, lane, wrote) }),
    wrote,
    close,
    onClose: (write) => void lastWrites.push(write),
  };
}
