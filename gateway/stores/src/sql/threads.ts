/**
 * The threads of a user over kysely: part of records.ts, and its caller. Each change is written in one transaction with
 * what is to be announced of it; a deletion also with what stays of its messages.
 */
import type { ThreadId, UserId } from "@trueline/kit";
import { hashOfText, mostThreadsListed, type UnannouncedChange, type UserRecords } from "@trueline/server";
import type { Kysely, Transaction } from "kysely";
import { threadOfRow, unannouncedOfRow } from "./rows.ts";
import type { Tables } from "./tables.ts";

type Threads = Pick<
  UserRecords,
  | "listThreads"
  | "createThread"
  | "getThread"
  | "renameThread"
  | "deleteThread"
  | "listUnannounced"
  | "dropUnannounced"
>;

export function threadsOf(db: Kysely<Tables>, owner: UserId): Threads {
  return { ...readThreads(db, owner), ...changeThreads(db, owner), ...announceThreads(db, owner) };
}

function readThreads(db: Kysely<Tables>, owner: UserId): Pick<Threads, "listThreads" | "getThread"> {
  const own = () => db.selectFrom("threads").selectAll().where("owner", "=", owner);
  return {
    async listThreads() {
      const newestFirst = own().orderBy("updated_at", "desc").orderBy("number", "desc");
      const rows = await newestFirst.limit(mostThreadsListed).execute();
      return rows.map(threadOfRow);
    },
    async getThread(id) {
      const row = await own().where("id", "=", id).executeTakeFirst();
      return row && threadOfRow(row);
    },
  };
}

function changeThreads(
  db: Kysely<Tables>,
  owner: UserId,
): Pick<Threads, "createThread" | "renameThread" | "deleteThread"> {
  return {
    createThread: ({ id, title, at, logSeq }) =>
      db.transaction().execute(async (transaction) => {
        await insertThread(transaction, owner, id, title, at);
        await toAnnounce(transaction, owner, id, logSeq, { type: "thread_created", title });
      }),
    renameThread: (id, title, { at, logSeq }) =>
      db.transaction().execute(async (transaction) => {
        const { numUpdatedRows } = await transaction
          .updateTable("threads")
          .set({ title, updated_at: at })
          .where("owner", "=", owner)
          .where("id", "=", id)
          .executeTakeFirstOrThrow();
        if (numUpdatedRows === 0n) return false;
        await toAnnounce(transaction, owner, id, logSeq, { type: "thread_renamed", title });
        return true;
      }),
    deleteThread: (id, { at, logSeq }) =>
      db.transaction().execute(async (transaction) => {
        await keepClientIds(transaction, owner, id, at);
        const { numDeletedRows } = await transaction
          .deleteFrom("threads")
          .where("owner", "=", owner)
          .where("id", "=", id)
          .executeTakeFirstOrThrow();
        if (numDeletedRows === 0n) return false;
        await toAnnounce(transaction, owner, id, logSeq, { type: "thread_deleted" });
        return true;
      }),
  };
}

function announceThreads(
  db: Kysely<Tables>,
  owner: UserId,
): Pick<Threads, "listUnannounced" | "dropUnannounced"> {
  return {
    async listUnannounced() {
      const rows = await db
        .selectFrom("unannounced_changes")
        .selectAll()
        .where("owner", "=", owner)
        .orderBy("number")
        .execute();
      return rows.map(unannouncedOfRow);
    },
    async dropUnannounced(number) {
      await db
        .deleteFrom("unannounced_changes")
        .where("owner", "=", owner)
        .where("number", "=", number)
        .execute();
    },
  };
}

export async function insertThread(
  db: Kysely<Tables>,
  owner: UserId,
  id: string,
  title: string,
  at: number,
): Promise<void> {
  await db.insertInto("threads").values({ owner, id, title, created_at: at, updated_at: at }).execute();
}

async function toAnnounce(
  db: Transaction<Tables>,
  owner: UserId,
  thread: ThreadId,
  logSeq: number,
  change: UnannouncedChange["change"],
): Promise<void> {
  await db
    .insertInto("unannounced_changes")
    .values({ owner, thread_id: thread, log_seq: logSeq, change: JSON.stringify(change) })
    .execute();
}

/** Row by row: databases bound the number of values in one statement. */
async function keepClientIds(
  db: Transaction<Tables>,
  owner: UserId,
  thread: ThreadId,
  at: number,
): Promise<void> {
  const sent = await db
    .selectFrom("messages")
    .select(["id", "run_id", "client_id", "text"])
    .where("owner", "=", owner)
    .where("thread_id", "=", thread)
    .where("client_id", "is not", null)
    .execute();
  for (const { id, run_id, client_id, text } of sent) {
    if (client_id === null) continue;
    const kept = { id, run_id, client_id, thread_id: thread, text_hash: hashOfText(text), deleted_at: at };
    await db
      .insertInto("deleted_messages")
      .values({ owner, ...kept })
      .execute();
  }
}
