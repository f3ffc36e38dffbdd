/** The audit chain and its anchor. Queried by ../../sql/audit.ts, and only ever appended to. */
import type { Migration } from "../migrations.ts";

export const auditMigrations: readonly Migration[] = [
  {
    id: "audit-1",
    sql: `
      CREATE TABLE audit_entries (
        seq INTEGER PRIMARY KEY,
        at INTEGER NOT NULL,
        action TEXT NOT NULL,
        user_id TEXT,
        acted_by TEXT,
        address TEXT,
        detail TEXT NOT NULL,
        previous TEXT NOT NULL,
        hash TEXT NOT NULL
      ) STRICT;
      CREATE INDEX audit_entries_by_user ON audit_entries (user_id, seq);
      CREATE INDEX audit_entries_by_action ON audit_entries (action, seq);

      CREATE TABLE audit_anchor (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        seq INTEGER NOT NULL,
        hash TEXT NOT NULL
      ) STRICT;
      INSERT INTO audit_anchor VALUES (1, 0, printf('%064d', 0));

      -- Against mistakes, not against whoever owns the file: that is what the chain is for.
      CREATE TRIGGER audit_entries_stay BEFORE DELETE ON audit_entries
        BEGIN SELECT raise(ABORT, 'the audit log is append-only'); END;
      CREATE TRIGGER audit_entries_do_not_change BEFORE UPDATE ON audit_entries
        BEGIN SELECT raise(ABORT, 'the audit log is append-only'); END;
    `,
  },
];
