/** Users, sessions, grants, revocations, keys. Queried by ../../sql/accounts.ts. Secrets of users are hashes. */
import type { Migration } from "../migrations.ts";

export const accountsMigrations: readonly Migration[] = [
  {
    id: "accounts-1",
    sql: `
      CREATE TABLE users (
        id TEXT PRIMARY KEY,
        email TEXT NOT NULL,
        email_key TEXT NOT NULL UNIQUE,
        name TEXT NOT NULL,
        role TEXT NOT NULL CHECK (role IN ('user', 'administrator')),
        disabled INTEGER NOT NULL CHECK (disabled IN (0, 1)),
        password_hash TEXT,
        created_at INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE provider_subjects (
        issuer TEXT NOT NULL,
        subject TEXT NOT NULL,
        owner TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
        PRIMARY KEY (issuer, subject)
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE sessions (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        owner TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
        family_hash TEXT NOT NULL,
        token_hash TEXT NOT NULL,
        previous_hash TEXT,
        rotated_at INTEGER NOT NULL,
        created_at INTEGER NOT NULL,
        expires_at INTEGER NOT NULL
      ) STRICT;
      CREATE INDEX sessions_by_owner ON sessions (owner);
      CREATE INDEX sessions_by_expiry ON sessions (expires_at);

      -- Good once and for a short time. The owner may be one of a team's own accounts, or nobody yet.
      CREATE TABLE grants (
        kind TEXT NOT NULL,
        hash TEXT NOT NULL,
        owner TEXT,
        value TEXT NOT NULL,
        expires_at INTEGER NOT NULL,
        PRIMARY KEY (kind, hash)
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX grants_by_owner ON grants (owner);
      CREATE INDEX grants_by_expiry ON grants (expires_at);

      -- Read by every process from where it was; so an id is never given twice.
      CREATE TABLE revocations (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        owner TEXT NOT NULL,
        session_id TEXT,
        reason TEXT NOT NULL,
        at INTEGER NOT NULL
      ) STRICT;

      -- The keys that tokens are signed with.
      CREATE TABLE secrets (
        name TEXT PRIMARY KEY,
        value TEXT NOT NULL
      ) STRICT, WITHOUT ROWID;
    `,
  },
  {
    // Who was made before that was recorded: nobody has a real address of these.
    id: "accounts-2",
    sql: `
      ALTER TABLE users ADD COLUMN purpose TEXT CHECK (purpose IN ('demo', 'probe'));
      UPDATE users SET purpose = 'demo' WHERE email_key IN ('ada@example.com', 'bob@example.com');
      UPDATE users SET purpose = 'probe' WHERE email_key IN ('probe-1@localhost', 'probe-2@localhost');
    `,
  },
];
