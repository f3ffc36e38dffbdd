/** Kysely over the store's own handle: every connection it takes is the lane, every statement is prepared once. */
import type { Database, Statement } from "better-sqlite3";
import {
  type DatabaseConnection,
  type Dialect,
  SqliteAdapter,
  type SqliteDatabase,
  SqliteDriver,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type SqliteStatement,
} from "kysely";
import type { Lane } from "./lane.ts";
import { explained } from "./store-error.ts";

/** Statements kept prepared. Ours are a few dozen; more come only from lists in queries. */
const preparedStatements = 500;

/** A statement that writes changes about so many bytes of pages. */
const writtenByStatement = 8 * 1024;

export function laneDialect(handle: Database, lane: Lane, wrote: (bytes: number) => void): Dialect {
  return {
    createDriver: () => new LaneDriver(handle, lane, wrote),
    createQueryCompiler: () => new SqliteQueryCompiler(),
    createAdapter: () => new SqliteAdapter(),
    createIntrospector: (database) => new SqliteIntrospector(database),
  };
}

class LaneDriver extends SqliteDriver {
  readonly #handle: Database;
  readonly #lane: Lane;

  constructor(handle: Database, lane: Lane, wrote: (bytes: number) => void) {
    super({ database: cachingSource(handle, wrote) });
    this.#handle = handle;
    this.#lane = lane;
  }

  override async acquireConnection(): Promise<DatabaseConnection> {
    await this.#lane.acquire();
    return super.acquireConnection();
  }

  /** A full disk makes SQLite roll back by itself, and then there is nothing left to roll back. */
  override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    if (this.#handle.inTransaction) await super.rollbackTransaction(connection);
  }

  /** A commit that failed can leave its transaction open; nobody else may get the lane inside it. */
  override async releaseConnection(): Promise<void> {
    if (this.#handle.inTransaction) this.#handle.exec("ROLLBACK");
    this.#lane.release();
  }

  /** The handle is closed by who opened it. */
  override async destroy(): Promise<void> {
    await this.#lane.acquire();
    this.#lane.release();
  }
}

function cachingSource(handle: Database, wrote: (bytes: number) => void): SqliteDatabase {
  const statements = new Map<string, SqliteStatement>();
  return {
    close: () => undefined,
    prepare(sql) {
      const known = statements.get(sql);
      if (known) return known;
      if (statements.size >= preparedStatements) statements.clear();
      const statement = explaining(handle.name, handle.prepare(sql), wrote);
      statements.set(sql, statement);
      return statement;
    },
  };
}

/** The same statement; a full disk or a damaged file is said as such. */
function explaining(file: string, statement: Statement, wrote: (bytes: number) => void): SqliteStatement {
  return {
    reader: statement.reader,
    all: (parameters) => explained(file, () => statement.all(parameters)),
    run: (parameters) => {
      if (!statement.readonly) wrote(writtenByStatement);
      return explained(file, () => statement.run(parameters));
    },
    iterate: (parameters) => statement.iterate(parameters),
  };
}
