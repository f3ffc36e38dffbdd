/** The event log: one row per append, and the sealed part of its index. Read and written by ../event-log-store.ts only. */
import type { Migration } from "../migrations.ts";

export const eventLogMigrations: readonly Migration[] = [
  {
    id: "event-log-1",
    sql: `
      CREATE TABLE event_log (
        id INTEGER PRIMARY KEY,
        -- Milliseconds since 1970; never less than the row before.
        at INTEGER NOT NULL,
        records INTEGER NOT NULL,
        -- Who has how much in the body; see ../log-row.ts.
        header TEXT NOT NULL,
        body BLOB NOT NULL
      ) STRICT;

      -- Where an owner's records are, for the rows that the index in memory has let go; see ../log-index.ts.
      CREATE TABLE event_log_index (
        owner TEXT NOT NULL,
        last_seq INTEGER NOT NULL,
        last_row INTEGER NOT NULL,
        slices TEXT NOT NULL,
        PRIMARY KEY (owner, last_seq)
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX event_log_index_by_row ON event_log_index (last_row);

      -- The last seq of an owner whose records have all been dropped.
      CREATE TABLE event_log_heads (
        owner TEXT PRIMARY KEY,
        seq INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE event_log_sealed (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        -- event_log_index holds every row up to this one.
        through_row INTEGER NOT NULL
      ) STRICT;
      INSERT INTO event_log_sealed VALUES (1, 0);
    `,
  },
];
