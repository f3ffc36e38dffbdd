/** The embedded store: everything of a gateway in one SQLite file. Called by the node's wiring. */
import { systemClock } from "@trueline/kit";
import type { Accounts, AuditStore, EventLogStore, Facts, Records } from "@trueline/server";
import { createSqlAccounts } from "./sql/accounts.ts";
import { createSqlAudit } from "./sql/audit.ts";
import { createSqlFacts } from "./sql/facts.ts";
import { createSqlRecords } from "./sql/records.ts";
import { type DatabaseOptions, openDatabase, type SqliteStoreDatabase } from "./sqlite/database.ts";
import { openEventLogStore } from "./sqlite/event-log-store.ts";

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
