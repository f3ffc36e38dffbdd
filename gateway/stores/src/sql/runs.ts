/** Runs, their transcripts and what they used: the part of `Records` that records.ts takes from here. */
import type { RunId, UserId } from "@trueline/kit";
import type { Usage } from "@trueline/protocol";
import {
  type AcceptMessage,
  answerOf,
  openRunStates,
  type Records,
  type RunOutcome,
  type TranscriptEntry,
  type UserRecords,
} from "@trueline/server";
import { type Kysely, sql, type Transaction } from "kysely";
import { runOfRow } from "./rows.ts";
import type { Tables } from "./tables.ts";

type Runs = Pick<
  UserRecords,
  | "getRun"
  | "listOpenRuns"
  | "startRun"
  | "countTakeover"
  | "checkpoint"
  | "readTranscript"
  | "closeRun"
  | "settleRun"
  | "tokensSince"
>;

export function runsOf(db: Kysely<Tables>, owner: UserId): Runs {
  return { ...readingRuns(db, owner), ...movingRuns(db, owner), ...transcriptsOf(db, owner) };
}

export async function listAllOpenRuns(db: Kysely<Tables>): ReturnType<Records["listAllOpenRuns"]> {
  const rows = await selectOpenRuns(db).execute();
  return rows.map((row) => ({ user: row.owner as UserId, run: runOfRow(row) }));
}

export async function insertRun(
  db: Transaction<Tables>,
  owner: UserId,
  threadId: string,
  message: AcceptMessage,
  state: "queued" | "running",
): Promise<void> {
  await db
    .insertInto("runs")
    .values({
      owner,
      id: message.runId,
      thread_id: threadId,
      message_id: message.messageId,
      agent: message.agent,
      state,
      log_seq: message.logSeq,
      takeovers: 0,
      outcome: null,
      created_at: message.at,
      ended_at: null,
    })
    .execute();
  await db
    .insertInto("usage")
    .values({
      owner,
      run_id: message.runId,
      created_at: message.at,
      input_tokens: 0,
      output_tokens: 0,
      cost_usd: null,
    })
    .execute();
}

function readingRuns(
  db: Kysely<Tables>,
  owner: UserId,
): Pick<Runs, "getRun" | "listOpenRuns" | "tokensSince"> {
  return {
    async getRun(id) {
      const row = await selectRuns(db)
        .where("runs.owner", "=", owner)
        .where("runs.id", "=", id)
        .executeTakeFirst();
      return row && runOfRow(row);
    },
    async listOpenRuns(threadId) {
      const all = selectOpenRuns(db).where("runs.owner", "=", owner);
      const chosen = threadId === undefined ? all : all.where("runs.thread_id", "=", threadId);
      return (await chosen.execute()).map(runOfRow);
    },
    async tokensSince(since) {
      const { tokens } = await db
        .selectFrom("usage")
        .select(sql<number | string | null>`sum(input_tokens + output_tokens)`.as("tokens"))
        .where("owner", "=", owner)
        .where("created_at", ">=", since)
        .executeTakeFirstOrThrow();
      return Number(tokens ?? 0);
    },
  };
}

function movingRuns(
  db: Kysely<Tables>,
  owner: UserId,
): Pick<Runs, "startRun" | "countTakeover" | "closeRun" | "settleRun"> {
  return {
    async startRun(id) {
      const { numUpdatedRows } = await updateRun(db, owner, id)
        .set({ state: "running" })
        .where("state", "=", "queued")
        .executeTakeFirstOrThrow();
      return numUpdatedRows > 0n;
    },
    async countTakeover(id) {
      const { takeovers } = await updateRun(db, owner, id)
        .set((run) => ({ takeovers: run("takeovers", "+", 1) }))
        .returning("takeovers")
        .executeTakeFirstOrThrow();
      return takeovers;
    },
    closeRun: (id, outcome, at) =>
      db.transaction().execute((transaction) => closeRun(transaction, owner, id, outcome, at)),
    async settleRun(id) {
      await db.transaction().execute(async (transaction) => {
        const closing = await transaction
          .selectFrom("runs")
          .select("outcome")
          .where("owner", "=", owner)
          .where("id", "=", id)
          .where("state", "=", "closing")
          .executeTakeFirst();
        if (!closing?.outcome) return;
        const { state } = JSON.parse(closing.outcome) as RunOutcome;
        await updateRun(transaction, owner, id).set({ state }).execute();
      });
    },
  };
}

async function closeRun(
  db: Transaction<Tables>,
  owner: UserId,
  id: RunId,
  outcome: RunOutcome,
  at: number,
): Promise<boolean> {
  const closed = await updateRun(db, owner, id)
    .set({ state: "closing", outcome: JSON.stringify(outcome), ended_at: at })
    .where("state", "in", ["queued", "running"])
    .returning("thread_id")
    .executeTakeFirst();
  if (!closed) return false;
  const answer = answerOf(outcome);
  if (answer) {
    const { messageId, text, cutOff = null } = answer;
    const message = { owner, id: messageId, thread_id: closed.thread_id, text, run_id: id, created_at: at };
    await db
      .insertInto("messages")
      .values({ ...message, role: "agent", client_id: null, cut_off: cutOff })
      .execute();
  }
  return true;
}

function transcriptsOf(db: Kysely<Tables>, owner: UserId): Pick<Runs, "checkpoint" | "readTranscript"> {
  return {
    async checkpoint(id, { index, entry }, usage) {
      await db.transaction().execute(async (transaction) => {
        await transaction
          .insertInto("transcripts")
          .values({ owner, run_id: id, place: index, entry: JSON.stringify(entry) })
          .execute();
        if (usage) await addUsage(transaction, owner, id, usage);
      });
    },
    async readTranscript(id) {
      const rows = await db
        .selectFrom("transcripts")
        .select(["place", "entry"])
        .where("owner", "=", owner)
        .where("run_id", "=", id)
        .orderBy("place")
        .execute();
      return rows.map(({ place, entry }) => ({ index: place, entry: JSON.parse(entry) as TranscriptEntry }));
    },
  };
}

async function addUsage(db: Transaction<Tables>, owner: UserId, id: RunId, usage: Usage): Promise<void> {
  const { inputTokens, outputTokens, costUsd } = usage;
  await db
    .updateTable("usage")
    .set((used) => ({
      input_tokens: used("input_tokens", "+", inputTokens),
      output_tokens: used("output_tokens", "+", outputTokens),
      ...(costUsd === undefined ? {} : { cost_usd: sql<number>`coalesce(cost_usd, 0) + ${costUsd}` }),
    }))
    .where("owner", "=", owner)
    .where("run_id", "=", id)
    .execute();
}

const updateRun = (db: Kysely<Tables>, owner: UserId, id: RunId) =>
  db.updateTable("runs").where("owner", "=", owner).where("id", "=", id);

const selectRuns = (db: Kysely<Tables>) =>
  db
    .selectFrom("runs")
    .innerJoin("usage", (join) =>
      join.onRef("usage.owner", "=", "runs.owner").onRef("usage.run_id", "=", "runs.id"),
    )
    .selectAll("runs")
    .select(["usage.input_tokens", "usage.output_tokens", "usage.cost_usd"]);

/** The states stand in the query itself, so that the partial index of open runs can serve it. */
const selectOpenRuns = (db: Kysely<Tables>) =>
  selectRuns(db).where("runs.state", "in", openRunStates.map(sql.lit)).orderBy("runs.number");
