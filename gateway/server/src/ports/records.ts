/**
 * What a user has beside the event log: threads, messages, runs and their transcripts. The record of the product;
 * adapters run the contract suite in testing/records-suite.ts.
 *
 * A store is reached per user through `of(user)`, and the owner is part of every query: an id of another user reads
 * exactly as one that does not exist (IS2).
 */
import type { MessageId, RunId, ThreadId, UserId } from "@trueline/kit";
import type { CutOff, RunFailure, Usage } from "@trueline/protocol";
import type { TranscriptEntry } from "./model.ts";

export interface ThreadRow {
  readonly id: ThreadId;
  readonly title: string;
  /** Milliseconds since 1970, like all times of rows. */
  readonly createdAt: number;
  readonly updatedAt: number;
}

export interface MessageRow {
  readonly id: MessageId;
  readonly threadId: ThreadId;
  readonly role: "user" | "agent";
  readonly text: string;
  readonly runId: RunId;
  /** The idempotency key of a user's message; absent on an agent's. */
  readonly clientId?: string;
  /** Of an agent's message that is not the whole answer: how its run ended. */
  readonly cutOff?: CutOff;
  readonly createdAt: number;
}

/** What a client id was answered with. */
export type SentMessage = Pick<MessageRow, "id" | "threadId" | "runId">;

/** What stays of a user's message after its thread was deleted, so that its client id still gets the same answer (RS5). */
export interface DeletedMessage extends SentMessage {
  /** `hashOfText` of its text. */
  readonly textHash: string;
}

/** A change of a thread. `logSeq`: head of the user's log when it was made; its event comes after it. */
export interface ThreadChange {
  readonly at: number;
  readonly logSeq: number;
}

/** A change of a thread whose event may not be in the log yet. */
export interface UnannouncedChange {
  /** Rises in the order of the changes. */
  readonly number: number;
  readonly threadId: ThreadId;
  readonly logSeq: number;
  readonly change:
    | { readonly type: "thread_created" | "thread_renamed"; readonly title: string }
    | { readonly type: "thread_deleted" };
}

/**
 * queued → running → closing → completed | failed | cancelled. `closing`: the outcome is decided and recorded, its
 * terminal event may not be in the log yet. A run in one of the first three is open, and is taken over after a crash.
 */
export const openRunStates = ["queued", "running", "closing"] as const;
export const endedRunStates = ["completed", "failed", "cancelled"] as const;
export type RecordedRunState = (typeof openRunStates)[number] | (typeof endedRunStates)[number];

/** What was shown of an answer until it was cut off: it stays as the agent's message. */
export interface PartialAnswer {
  readonly messageId: MessageId;
  readonly text: string;
}

/** `partial`: there when any text was shown. */
export type RunOutcome =
  | {
      readonly state: "completed";
      readonly messageId: MessageId;
      readonly text: string;
      readonly durationMs: number;
    }
  | {
      readonly state: "failed";
      readonly code: RunFailure;
      readonly message: string;
      readonly partial?: PartialAnswer;
    }
  | {
      readonly state: "cancelled";
      readonly by: string;
      readonly connectionId: string | null;
      readonly partial?: PartialAnswer;
    };

/** The agent's message that a run with this outcome leaves in its thread. */
export function answerOf(outcome: RunOutcome): (PartialAnswer & Pick<MessageRow, "cutOff">) | undefined {
  if (outcome.state !== "completed") return outcome.partial && { ...outcome.partial, cutOff: outcome.state };
  const { messageId, text } = outcome;
  return { messageId, text };
}

export interface RunRow {
  readonly id: RunId;
  readonly threadId: ThreadId;
  /** The user's message that it answers. */
  readonly messageId: MessageId;
  readonly agent: string;
  readonly state: RecordedRunState;
  /** Head of the user's log when the run was accepted: all events of the run come after it. */
  readonly logSeq: number;
  /** How often it was taken over after a crash. */
  readonly takeovers: number;
  readonly usage: Usage;
  /** From `closing` on. */
  readonly outcome?: RunOutcome;
  readonly createdAt: number;
  readonly endedAt?: number;
}

export interface AcceptMessage {
  readonly clientId: string;
  readonly text: string;
  readonly messageId: MessageId;
  readonly runId: RunId;
  readonly agent: string;
  readonly logSeq: number;
  readonly at: number;
  /** A thread of the user's, or the one to make for it. */
  readonly thread: { readonly existing: ThreadId } | { readonly create: ThreadId; readonly title: string };
  /** The first state of its run; or the active run of the thread that the message joins instead. */
  readonly run: { readonly state: "queued" | "running" } | { readonly joins: RunId };
}

export type AcceptOutcome =
  | { readonly kind: "accepted" }
  /** The client id is known: the same text gets the same answer again. */
  | { readonly kind: "repeated"; readonly message: SentMessage }
  /** The client id is known with another text. */
  | { readonly kind: "id_reused" }
  | { readonly kind: "no_thread" };

/** What a transcript holds beside the entry: its place, counted from 0. */
export interface TranscriptRow {
  readonly index: number;
  readonly entry: TranscriptEntry;
}

/** So many threads are listed and no more, so that a list costs what a list may cost. */
export const mostThreadsListed = 500;

export interface UserRecords {
  /** Newest first by `updatedAt`: the `mostThreadsListed` newest. */
  listThreads(): Promise<readonly ThreadRow[]>;
  /** Like the two below in one transaction with its `UnannouncedChange`. */
  createThread(thread: ThreadChange & { readonly id: ThreadId; readonly title: string }): Promise<void>;
  getThread(id: ThreadId): Promise<ThreadRow | undefined>;
  /** False when there is no such thread. */
  renameThread(id: ThreadId, title: string, change: ThreadChange): Promise<boolean>;
  /**
   * Deletes it with its messages, runs and transcripts; of each message with a client id a `DeletedMessage` stays, in the
   * same transaction. False when there is no such thread.
   */
  deleteThread(id: ThreadId, change: ThreadChange): Promise<boolean>;
  /** Oldest first. */
  listUnannounced(): Promise<readonly UnannouncedChange[]>;
  /** Its event is in the log. */
  dropUnannounced(number: number): Promise<void>;

  /** Oldest first. */
  listMessages(threadId: ThreadId): Promise<readonly MessageRow[]>;
  /** Messages whose text holds every word of `query` (case-insensitive), newest first. */
  searchMessages(query: string, limit: number): Promise<readonly MessageRow[]>;
  findMessage(clientId: string): Promise<MessageRow | undefined>;
  findDeleted(clientId: string): Promise<DeletedMessage | undefined>;

  /** In one transaction: the idempotency key, the thread (made or checked, and its `updatedAt`), the message, the run. */
  accept(message: AcceptMessage): Promise<AcceptOutcome>;

  getRun(id: RunId): Promise<RunRow | undefined>;
  /** Open runs, oldest first; of one thread or of all. */
  listOpenRuns(threadId?: ThreadId): Promise<readonly RunRow[]>;
  /** queued → running. False when it was not queued (any more). */
  startRun(id: RunId): Promise<boolean>;
  /** Counts a takeover after a crash and gives the new count. */
  countTakeover(id: RunId): Promise<number>;
  /** Appends to the run's transcript, its checkpoint (RN3), and adds to its usage, in one transaction. */
  checkpoint(id: RunId, row: TranscriptRow, usage?: Usage): Promise<void>;
  readTranscript(id: RunId): Promise<readonly TranscriptRow[]>;
  /** → closing: in one transaction the outcome and the agent's message (`answerOf`), if any. False when it was not open. */
  closeRun(id: RunId, outcome: RunOutcome, at: number): Promise<boolean>;
  /** closing → the state of its outcome, once the terminal event is in the log. */
  settleRun(id: RunId): Promise<void>;
  /** Input and output tokens of runs created at or after `since`. */
  tokensSince(since: number): Promise<number>;
}

export interface Records {
  of(user: UserId): UserRecords;
  /** Every open run of every user, oldest first: what a starting node takes over. */
  listAllOpenRuns(): Promise<readonly { readonly user: UserId; readonly run: RunRow }[]>;
  /** Drops what stays of messages that were deleted before that time. Gives their number. */
  forgetDeleted(before: number): Promise<number>;
}
