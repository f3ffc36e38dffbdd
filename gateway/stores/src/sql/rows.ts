/** Rows of the tables as the port's data. */
import type { MessageId, RunId, ThreadId } from "@trueline/kit";
import type {
  DeletedMessage,
  MessageRow,
  RecordedRunState,
  RunOutcome,
  RunRow,
  ThreadRow,
  UnannouncedChange,
} from "@trueline/server";
import type { Selectable } from "kysely";
import type { Tables } from "./tables.ts";

export function threadOfRow(row: Selectable<Tables["threads"]>): ThreadRow {
  return { id: row.id as ThreadId, title: row.title, createdAt: row.created_at, updatedAt: row.updated_at };
}

export function messageOfRow(row: Selectable<Tables["messages"]>): MessageRow {
  return {
    id: row.id as MessageId,
    threadId: row.thread_id as ThreadId,
    role: row.role,
    text: row.text,
    runId: row.run_id as RunId,
    ...(row.client_id === null ? {} : { clientId: row.client_id }),
    ...(row.cut_off === null ? {} : { cutOff: row.cut_off }),
    createdAt: row.created_at,
  };
}

export function deletedMessageOfRow(row: Selectable<Tables["deleted_messages"]>): DeletedMessage {
  return {
    id: row.id as MessageId,
    threadId: row.thread_id as ThreadId,
    runId: row.run_id as RunId,
    textHash: row.text_hash,
  };
}

export function unannouncedOfRow(row: Selectable<Tables["unannounced_changes"]>): UnannouncedChange {
  const change = JSON.parse(row.change) as UnannouncedChange["change"];
  return { number: row.number, threadId: row.thread_id as ThreadId, logSeq: row.log_seq, change };
}

export type RunWithUsage = Selectable<Tables["runs"]> &
  Pick<Selectable<Tables["usage"]>, "input_tokens" | "output_tokens" | "cost_usd">;

export function runOfRow(row: RunWithUsage): RunRow {
  return {
    id: row.id as RunId,
    threadId: row.thread_id as ThreadId,
    messageId: row.message_id as MessageId,
    agent: row.agent,
    state: row.state as RecordedRunState,
    logSeq: row.log_seq,
    takeovers: row.takeovers,
    usage: {
      inputTokens: row.input_tokens,
      outputTokens: row.output_tokens,
      ...(row.cost_usd === null ? {} : { costUsd: row.cost_usd }),
    },
    ...(row.outcome === null ? {} : { outcome: JSON.parse(row.outcome) as RunOutcome }),
    createdAt: row.created_at,
    ...(row.ended_at === null ? {} : { endedAt: row.ended_at }),
  };
}
