/** Threads, messages, runs and transcripts. Queried by ../../sql/records.ts; the owner is part of every key. */
import type { Migration } from "../migrations.ts";

export const recordsMigrations: readonly Migration[] = [
  {
    id: "records-1",
    sql: `
      CREATE TABLE threads (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        owner TEXT NOT NULL,
        id TEXT NOT NULL,
        title TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        updated_at INTEGER NOT NULL,
        UNIQUE (owner, id)
      ) STRICT;
      CREATE INDEX threads_by_update ON threads (owner, updated_at);

      CREATE TABLE messages (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        owner TEXT NOT NULL,
        id TEXT NOT NULL,
        thread_id TEXT NOT NULL,
        role TEXT NOT NULL CHECK (role IN ('user', 'agent')),
        text TEXT NOT NULL,
        run_id TEXT NOT NULL,
        client_id TEXT,
        created_at INTEGER NOT NULL,
        UNIQUE (owner, id),
        UNIQUE (owner, client_id),
        FOREIGN KEY (owner, thread_id) REFERENCES threads (owner, id) ON DELETE CASCADE
      ) STRICT;
      CREATE INDEX messages_by_thread ON messages (owner, thread_id, number);

      CREATE TABLE runs (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        owner TEXT NOT NULL,
        id TEXT NOT NULL,
        thread_id TEXT NOT NULL,
        message_id TEXT NOT NULL,
        agent TEXT NOT NULL,
        state TEXT NOT NULL,
        log_seq INTEGER NOT NULL,
        takeovers INTEGER NOT NULL,
        outcome TEXT,
        created_at INTEGER NOT NULL,
        ended_at INTEGER,
        UNIQUE (owner, id),
        FOREIGN KEY (owner, thread_id) REFERENCES threads (owner, id) ON DELETE CASCADE
      ) STRICT;
      CREATE INDEX runs_by_thread ON runs (owner, thread_id);
      CREATE INDEX runs_open ON runs (owner, number) WHERE state IN ('queued', 'running', 'closing');

      CREATE TABLE transcripts (
        owner TEXT NOT NULL,
        run_id TEXT NOT NULL,
        place INTEGER NOT NULL,
        entry TEXT NOT NULL,
        PRIMARY KEY (owner, run_id, place),
        FOREIGN KEY (owner, run_id) REFERENCES runs (owner, id) ON DELETE CASCADE
      ) STRICT, WITHOUT ROWID;

      -- What each run used. It outlives the run: deleting a thread does not give its tokens back.
      CREATE TABLE usage (
        owner TEXT NOT NULL,
        run_id TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        input_tokens INTEGER NOT NULL,
        output_tokens INTEGER NOT NULL,
        cost_usd REAL,
        PRIMARY KEY (owner, run_id)
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX usage_by_time ON usage (owner, created_at);
    `,
  },
  {
    id: "records-2",
    sql: `
      -- Of an agent's message that is not the whole answer: how its run ended.
      ALTER TABLE messages ADD COLUMN cut_off TEXT CHECK (cut_off IN ('failed', 'cancelled'));
    `,
  },
  {
    id: "records-3",
    sql: `
      -- What stays of messages whose thread was deleted: their client ids still get the same answer.
      CREATE TABLE deleted_messages (
        owner TEXT NOT NULL,
        client_id TEXT NOT NULL,
        id TEXT NOT NULL,
        thread_id TEXT NOT NULL,
        run_id TEXT NOT NULL,
        text_hash TEXT NOT NULL,
        deleted_at INTEGER NOT NULL,
        PRIMARY KEY (owner, client_id)
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX deleted_messages_by_time ON deleted_messages (deleted_at);

      -- Changes of threads whose event may not be in the log yet. Not tied to the threads: a deletion is one of them.
      CREATE TABLE unannounced_changes (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        owner TEXT NOT NULL,
        thread_id TEXT NOT NULL,
        log_seq INTEGER NOT NULL,
        change TEXT NOT NULL
      ) STRICT;
      CREATE INDEX unannounced_changes_by_owner ON unannounced_changes (owner, number);
    `,
  },
];
