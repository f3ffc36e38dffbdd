/** Walks of the probe, and what was counted per minute. Queried by ../../sql/facts.ts. */
import type { Migration } from "../migrations.ts";

export const factsMigrations: readonly Migration[] = [
  {
    id: "facts-1",
    sql: `
      CREATE TABLE probe_walks (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        at INTEGER NOT NULL,
        report TEXT NOT NULL
      ) STRICT;
      CREATE INDEX probe_walks_by_time ON probe_walks (at);

      CREATE TABLE fact_minutes (
        id TEXT PRIMARY KEY,
        minute INTEGER NOT NULL,
        source TEXT NOT NULL CHECK (source IN ('probe', 'traffic')),
        facts TEXT NOT NULL
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX fact_minutes_by_time ON fact_minutes (minute);
    `,
  },
];
