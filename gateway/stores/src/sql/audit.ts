/** `AuditStore` in SQL, for every database that kysely speaks to. Entries are inserted and read, nothing else. */
import type { AuditEntry, AuditHead, AuditStore } from "@trueline/server";
import type { Kysely, Selectable } from "kysely";
import type { AuditTables, Tables } from "./tables.ts";

/** Rows of one INSERT: nine parameters each, and the smallest limit of a database is 999. */
const rowsPerInsert = 100;

export function createSqlAudit(queries: Kysely<Tables>): AuditStore {
  return {
    head: () =>
      queries
        .selectFrom("audit_anchor")
        .select(["seq", "hash"])
        .where("id", "=", 1)
        .executeTakeFirstOrThrow(),

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
      const rows = await queries
        .selectFrom("audit_entries")
        .selectAll()
        .where("seq", ">", after)
        .orderBy("seq")
        .limit(limit)
        .execute();
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

type Row = Selectable<AuditTables["audit_entries"]>;

const rowOf = ({ user, by, ...entry }: AuditEntry): Row => ({ ...entry, user_id: user, acted_by: by });

const entryOf = ({ user_id, acted_by, ...row }: Row): AuditEntry => ({ ...row, user: user_id, by: acted_by });
