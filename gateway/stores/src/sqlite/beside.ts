/**
 * Opens the file of a data directory beside the gateway that may have it at this moment: for the command line, which manages
 * accounts and checks the audit log. Takes no directory lock, changes no schema and never touches the event log; the
 * session mark, which says how the gateway ended, stays as it is.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { Kysely } from "kysely";
import type { Tables } from "../sql/tables.ts";
import { lowerCase, openDatabase } from "./database.ts";
import { laneDialect } from "./dialect.ts";
import { Lane } from "./lane.ts";
import { migrations } from "./schema/index.ts";
import { explain } from "./store-error.ts";

export interface BesideDatabase {
  readonly queries: Kysely<Tables>;
  close(): Promise<void>;
}

export interface BesideOptions {
  readonly directory: string;
  /** Makes the data directory when it is not there. Otherwise that is `undefined`. */
  readonly create: boolean;
}

/** Throws `StoreError`. */
export async function openBeside({ directory, create }: BesideOptions): Promise<BesideDatabase | undefined> {
  const file = join(directory, "trueline.db");
  if (!existsSync(file)) {
    if (!create) return undefined;
    await openDatabase({ directory }).close();
  }
  try {
    return open(file) ?? (await upgraded(directory, file));
  } catch (error) {
    throw explain(error, file);
  }
}

/** Undefined when the schema is not that of this version. */
function open(file: string): BesideDatabase | undefined {
  const handle = new Database(file, { timeout: 5_000, fileMustExist: true });
  try {
    if (!hasSchemaOfThisVersion(handle)) {
      handle.close();
      return undefined;
    }
    handle.pragma("foreign_keys = ON");
    handle.pragma("synchronous = FULL");
    handle.function("lower", { deterministic: true }, lowerCase);
  } catch (error) {
    handle.close();
    throw error;
  }
  const lane = new Lane();
  const queries = new Kysely<Tables>({ dialect: laneDialect(handle, lane, () => undefined) });
  return { queries, close: () => lane.run(() => void handle.close()) };
}

function hasSchemaOfThisVersion(handle: Database.Database): boolean {
  const table = handle.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'migrations'").get();
  if (!table) return false;
  const applied = new Set(handle.prepare<[], string>("SELECT id FROM migrations").pluck().all());
  return applied.size === migrations.length && migrations.every(({ id }) => applied.has(id));
}

/** Only whoever has the directory to itself may change the schema; a newer or foreign file is refused on the way. */
async function upgraded(directory: string, file: string): Promise<BesideDatabase | undefined> {
  await openDatabase({ directory }).close();
  return open(file);
}
