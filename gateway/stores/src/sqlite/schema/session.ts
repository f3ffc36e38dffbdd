/** What a database remembers of the process that has it open (or had it last); see ../session.ts. */
import type { Migration } from "../migrations.ts";

export const sessionMigrations: readonly Migration[] = [
  {
    id: "session-1",
    sql: `
      CREATE TABLE session (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        -- Of the event log: another one whenever events that a client saw may be gone.
        epoch TEXT NOT NULL,
        -- 1 after an orderly close.
        clean INTEGER NOT NULL,
        synchronous TEXT NOT NULL,
        -- Of the machine's boot; NULL where the system does not tell.
        boot_id TEXT
      ) STRICT;
    `,
  },
];
