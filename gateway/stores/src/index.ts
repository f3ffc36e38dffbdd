/** The embedded store: everything of a gateway in one SQLite file. Called by the node's wiring. */
import { systemClock } from "@trueline/kit";
import type { Accounts, AuditStore, EventLogStore, Facts, Records } from "@trueline/server";
import { createSqlAccounts } from "./sql/accounts.ts";
import { createSqlAudit } from "./sql/audit.ts";
import { createSqlFacts } from "./sql/facts.ts";
import { createSqlRecords } from "./sql/records.ts";
import { type BesideOptions, openBeside } from "./sqlite/beside.ts";
import { type DatabaseOptions, openDatabase, type SqliteStoreDatabase } from "./sqlite/database.ts";
import { openEventLogStore } from "./sqlite/event-log-store.ts";

export type { BesideOptions } from "./sqlite/beside.ts";
export type { DatabaseOptions, SqliteStoreDatabase } from "./sqlite/database.ts";
export type { Synchronous } from "./sqlite/session.ts";
export { StoreError, type StoreErrorCode, storeErrors } from "./sqlite/store-error.ts";

export interface SqliteStores {
  readonly database: SqliteStoreDatabase;
  readonly eventLog: EventLogStore;
  readonly records: Records;
  readonly accounts: Accounts;
  readonly audit: AuditStore;
  readonly facts: Facts;
  close(): Promise<void>;
}

/** Rejects with a `StoreError` that names the file and says what to do. */
export async function openSqliteStores(options: DatabaseOptions): Promise<SqliteStores> {
  const database = openDatabase(options);
  const eventLog = openEventLogStore(database, options.clock ?? systemClock);
  const records = createSqlRecords(database.queries);
  const accounts = createSqlAccounts(database.queries);
  const audit = createSqlAudit(database.queries);
  const facts = createSqlFacts(database.queries);
  return { database, eventLog, records, accounts, audit, facts, close: () => database.close() };
}

/** What the command line may use while a gateway runs on the same directory. */
export interface SqliteAdministration {
  readonly accounts: Accounts;
  readonly audit: AuditStore;
  readonly facts: Facts;
  close(): Promise<void>;
}

/** Undefined when there is no data and `create` is false. Rejects with a `StoreError`. */
export async function openSqliteAdministration(
  options: BesideOptions,
): Promise<SqliteAdministration | undefined> {
  const database = await openBeside(options);
  if (!database) return undefined;
  const { queries, close } = database;
  const accounts = createSqlAccounts(queries);
  const audit = createSqlAudit(queries);
  return { accounts, audit, facts: createSqlFacts(queries), close };
}
