/** `AuditStore` in SQL, for every database that kysely speaks to. Entries are inserted and read, nothing else. */
import { AuditDamagedError, type AuditEntry, type AuditHead, type AuditStore } from "@trueline/server";
import { type Kysely, NoResultError, type Selectable } from "kysely";
import type { AuditTables, Tables } from "./tables.ts";

/** Rows of one INSERT: nine parameters each, and the smallest limit of a database is 999. */
const rowsPerInsert = 100;

export function createSqlAudit(queries: Kysely<Tables>): AuditStore {
  const anchor = () =>
    queries.selectFrom("audit_anchor").select(["seq", "hash"]).where("id", "=", 1).executeTakeFirstOrThrow();
  return {
    head: () => unlessTakenAway("the anchor that says where the audit log ends is missing", anchor),

    append: (after, entries) =>
      queries.transaction().execute(async (transaction) => {
        const head: AuditHead = entries.at(-1) ?? after;
        const moved = await transaction
          .updateTable("audit_anchor")
          .set({ seq: head.seq, hash: head.hash })
          .where("id", "=", 1)
          .where("seq", "=", after.seq)
          .where("hash", "=", after.hash)
          .executeTakeFirst();
        if (moved.numUpdatedRows === 0n) return false;
        for (let start = 0; start < entries.length; start += rowsPerInsert) {
          const rows = entries.slice(start, start + rowsPerInsert).map(rowOf);
          await transaction.insertInto("audit_entries").values(rows).execute();
        }
        return true;
      }),

    async read(after, limit) {
      const entries = queries.selectFrom("audit_entries").selectAll().where("seq", ">", after);
      const rows = await unlessTakenAway("all entries are missing: their table is not there", () =>
        entries.orderBy("seq").limit(limit).execute(),
      );
      return rows.map(entryOf);
    },

    async search({ user, action, from, to, before, limit }) {
      let found = queries.selectFrom("audit_entries").selectAll();
      if (user !== undefined) found = found.where("user_id", "=", user);
      if (action !== undefined) found = found.where("action", "=", action);
      if (from !== undefined) found = found.where("at", ">=", from);
      if (to !== undefined) found = found.where("at", "<", to);
      if (before !== undefined) found = found.where("seq", "<", before);
      return (await found.orderBy("seq", "desc").limit(limit).execute()).map(entryOf);
    },
  };
}

async function unlessTakenAway<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const isGone = error instanceof NoResultError || /no such table|does not exist/.test(String(error));
    throw isGone ? new AuditDamagedError(what, { cause: error }) : error;
  }
}

type Row = Selectable<AuditTables["audit_entries"]>;

const rowOf = ({ user, by, ...entry }: AuditEntry): Row => ({ ...entry, user_id: user, acted_by: by });

const entryOf = ({ user_id, acted_by, ...row }: Row): AuditEntry => ({ ...row, user: user_id, by: acted_by });
