/** The embedded store: everything of a gateway in one SQLite file. Called by the node's wiring. */
import { type DatabaseOptions, openDatabase, type SqliteStoreDatabase } from "./sqlite/database.ts";

export type { DatabaseOptions, SqliteStoreDatabase } from "./sqlite/database.ts";
export type { Synchronous } from "./sqlite/session.ts";
export { StoreError, type StoreErrorCode, storeErrors } from "./sqlite/store-error.ts";

export interface SqliteStores {
  readonly database: SqliteStoreDatabase;
  close(): Promise<void>;
}

/** Rejects with a `StoreError` that names the file and says what to do. */
export async function openSqliteStores(options: DatabaseOptions): Promise<SqliteStores> {
  const database = openDatabase(options);
  return { database, close: () => database.close() };
}
