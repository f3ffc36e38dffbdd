/**
 * `Records` over kysely, with queries that SQLite and Postgres both understand. The owner is in every one of them (IS1).
 * Messages are here, threads in threads.ts, runs in runs.ts. Made by the adapters; runs the suite `recordsSuite`.
 */
import type { UserId } from "@trueline/kit";
import {
  type AcceptMessage,
  type AcceptOutcome,
  hashOfText,
  type Records,
  type UserRecords,
} from "@trueline/server";
import { type Kysely, type SqlBool, sql, type Transaction } from "kysely";
import { deletedMessageOfRow, messageOfRow } from "./rows.ts";
import { insertRun, listAllOpenRuns, runsOf } from "./runs.ts";
import type { Tables } from "./tables.ts";
import { insertThread, threadsOf } from "./threads.ts";

/** Longest search, UTF-16 units: databases bound the length of a pattern and the number of conditions. */
const longestSearch = 1_000;

export function createSqlRecords(db: Kysely<Tables>): Records {
  return {
    of: (owner) => ({ ...threadsOf(db, owner), ...messagesOf(db, owner), ...runsOf(db, owner) }),
    listAllOpenRuns: () => listAllOpenRuns(db),
    async forgetDeleted(before) {
      const { numDeletedRows } = await db
        .deleteFrom("deleted_messages")
        .where("deleted_at", "<", before)
        .executeTakeFirstOrThrow();
      return Number(numDeletedRows);
    },
  };
}

type Messages = Pick<
  UserRecords,
  "listMessages" | "searchMessages" | "findMessage" | "findDeleted" | "accept"
>;

function messagesOf(db: Kysely<Tables>, owner: UserId): Messages {
  const findMessage = async (clientId: string) => {
    const row = await db
      .selectFrom("messages")
      .selectAll()
      .where("owner", "=", owner)
      .where("client_id", "=", clientId)
      .executeTakeFirst();
    return row && messageOfRow(row);
  };
  const findDeleted = async (clientId: string) => {
    const row = await selectDeleted(db, owner, clientId).executeTakeFirst();
    return row && deletedMessageOfRow(row);
  };
  /** What a client id that is known is answered; undefined for a new one. */
  const answerAgain = async (message: AcceptMessage): Promise<AcceptOutcome | undefined> => {
    // A database keeps no lone surrogates, so a text that has some is compared as it was stored.
    const text = message.text.toWellFormed();
    const known = await findMessage(message.clientId);
    if (known) return known.text === text ? { kind: "repeated", message: known } : { kind: "id_reused" };
    const deleted = await findDeleted(message.clientId);
    if (!deleted) return undefined;
    return deleted.textHash === hashOfText(text)
      ? { kind: "repeated", message: deleted }
      : { kind: "id_reused" };
  };
  return {
    findMessage,
    findDeleted,
    async listMessages(threadId) {
      const rows = await db
        .selectFrom("messages")
        .selectAll()
        .where("owner", "=", owner)
        .where("thread_id", "=", threadId)
        .orderBy("number")
        .execute();
      return rows.map(messageOfRow);
    },
    async searchMessages(query, limit) {
      let found = db.selectFrom("messages").selectAll().where("owner", "=", owner);
      for (const word of searchWords(query)) found = found.where(holdsWord(word));
      const rows = await found.orderBy("number", "desc").limit(limit).execute();
      return rows.map(messageOfRow);
    },
    async accept(message) {
      const known = await answerAgain(message);
      if (known) return known;
      try {
        return await db.transaction().execute((transaction) => insertAccepted(transaction, owner, message));
      } catch (error) {
        // Another node, or another connection a moment ago: its transaction won, this one is rolled back.
        const winner = error instanceof ClientIdTaken ? await answerAgain(message) : undefined;
        if (winner) return winner;
        throw error;
      }
    },
  };
}

class ClientIdTaken extends Error {}

async function insertAccepted(
  db: Transaction<Tables>,
  owner: UserId,
  message: AcceptMessage,
): Promise<AcceptOutcome> {
  if (await selectDeleted(db, owner, message.clientId).executeTakeFirst()) throw new ClientIdTaken();
  const threadId = await enterThread(db, owner, message);
  if (threadId === undefined) return { kind: "no_thread" };
  const { numInsertedOrUpdatedRows } = await db
    .insertInto("messages")
    .values({
      owner,
      id: message.messageId,
      thread_id: threadId,
      role: "user",
      text: message.text,
      run_id: "joins" in message.run ? message.run.joins : message.runId,
      client_id: message.clientId,
      created_at: message.at,
    })
    .onConflict((conflict) => conflict.columns(["owner", "client_id"]).doNothing())
    .executeTakeFirstOrThrow();
  if (numInsertedOrUpdatedRows === 0n) throw new ClientIdTaken();
  if ("state" in message.run) await insertRun(db, owner, threadId, message, message.run.state);
  return { kind: "accepted" };
}

/** Makes the message's thread, or marks it as updated. Undefined when there is no such thread. */
async function enterThread(
  db: Transaction<Tables>,
  owner: UserId,
  { thread, at }: AcceptMessage,
): Promise<string | undefined> {
  if ("create" in thread) {
    await insertThread(db, owner, thread.create, thread.title, at);
    return thread.create;
  }
  const { numUpdatedRows } = await db
    .updateTable("threads")
    .set({ updated_at: at })
    .where("owner", "=", owner)
    .where("id", "=", thread.existing)
    .executeTakeFirstOrThrow();
  return numUpdatedRows > 0n ? thread.existing : undefined;
}

const selectDeleted = (db: Kysely<Tables>, owner: UserId, clientId: string) =>
  db.selectFrom("deleted_messages").selectAll().where("owner", "=", owner).where("client_id", "=", clientId);

function searchWords(query: string): readonly string[] {
  if (query.length > longestSearch) {
    throw new RangeError(`a search is at most ${longestSearch} characters, this one has ${query.length}`);
  }
  return [...new Set(query.toLowerCase().split(/\s+/).filter(Boolean))];
}

function holdsWord(word: string) {
  const pattern = `%${word.replaceAll(/[\\%_]/g, "\\$&")}%`;
  return sql<SqlBool>`lower(${sql.ref("text")}) like ${pattern} escape '\\'`;
}
