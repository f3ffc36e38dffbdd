/** Brings a database to the schema of this version: forward only, each step in one transaction, never twice. */
import type { Database } from "better-sqlite3";
import { StoreError } from "./store-error.ts";

export interface Migration {
  /** Unique for ever, `<area>-<number>`. One that was released is never changed: what comes later is another. */
  readonly id: string;
  readonly sql: string;
}

export function migrate(handle: Database, migrations: readonly Migration[]): void {
  handle.exec("CREATE TABLE IF NOT EXISTS migrations (id TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT");
  const applied = new Set(handle.prepare<[], string>("SELECT id FROM migrations").pluck().all());
  const known = new Set(migrations.map(({ id }) => id));
  const newer = [...applied].filter((id) => !known.has(id));
  if (newer.length > 0) {
    throw new StoreError(
      "newer_schema",
      handle.name,
      `has changes this version does not know (${newer.join(", ")})`,
    );
  }
  const record = handle.prepare("INSERT INTO migrations (id, at) VALUES (?, ?)");
  for (const { id, sql } of migrations.filter((migration) => !applied.has(migration.id))) {
    handle
      .transaction(() => {
        handle.exec(sql);
        record.run(id, Date.now());
      })
      .immediate();
  }
}
