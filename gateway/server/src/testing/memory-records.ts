/**
 * `Records` in memory: the plainest thing that keeps the port's promises, for tests and examples. Never wired into the
 * product. Runs the suite in records-suite.ts.
 */
import type { RunId, ThreadId, UserId } from "@trueline/kit";
import type { Usage } from "@trueline/protocol";
import type {
  AcceptMessage,
  AcceptOutcome,
  DeletedMessage,
  MessageRow,
  Records,
  RunOutcome,
  RunRow,
  ThreadChange,
  ThreadRow,
  TranscriptRow,
  UnannouncedChange,
  UserRecords,
} from "../ports/records.ts";
import { answerOf, mostThreadsListed, openRunStates } from "../ports/records.ts";
import { hashOfText } from "../runs/text-hash.ts";

/** What one user has. Everything is in the order in which it came. */
interface Owned {
  threads: ThreadRow[];
  messages: MessageRow[];
  runs: RunRow[];
  /** By client id. */
  readonly deleted: Map<string, DeletedMessage & { readonly at: number }>;
  unannounced: UnannouncedChange[];
  readonly transcripts: Map<RunId, TranscriptRow[]>;
  /** By run, and kept when its thread is deleted. */
  readonly used: Map<RunId, { readonly createdAt: number; readonly usage: Usage }>;
}

export function createMemoryRecords(): Records {
  const users = new Map<UserId, Owned>();
  /** Over all users, since runs are taken over in the order in which they came. */
  const order: RunId[] = [];
  const ownedBy = (user: UserId): Owned => {
    const known = users.get(user);
    if (known) return known;
    const fresh: Owned = {
      threads: [],
      messages: [],
      runs: [],
      deleted: new Map(),
      unannounced: [],
      transcripts: new Map(),
      used: new Map(),
    };
    users.set(user, fresh);
    return fresh;
  };
  return {
    of: (user) => recordsOf(ownedBy(user), order),
    async listAllOpenRuns() {
      return [...users]
        .flatMap(([user, owned]) =>
          owned.runs.filter(isOpen).map((run) => ({ user, run: withUsage(owned, run) })),
        )
        .sort((a, b) => order.indexOf(a.run.id) - order.indexOf(b.run.id));
    },
    async forgetDeleted(before) {
      let count = 0;
      for (const { deleted } of users.values())
        for (const [clientId, { at }] of deleted) if (at < before && deleted.delete(clientId)) count++;
      return count;
    },
  };
}

function recordsOf(owned: Owned, order: RunId[]): UserRecords {
  return { ...threadsOf(owned), ...messagesOf(owned, order), ...runsOf(owned), ...transcriptsOf(owned) };
}

function threadsOf(owned: Owned) {
  return {
    async listThreads() {
      const newestFirst = owned.threads.toReversed().sort((a, b) => b.updatedAt - a.updatedAt);
      return newestFirst.slice(0, mostThreadsListed);
    },
    async createThread({ id, title, at, logSeq }: ThreadChange & { id: ThreadId; title: string }) {
      owned.threads.push({ id, title, createdAt: at, updatedAt: at });
      toAnnounce(owned, id, logSeq, { type: "thread_created", title });
    },
    async getThread(id: ThreadId) {
      return owned.threads.find((thread) => thread.id === id);
    },
    async renameThread(id: ThreadId, title: string, { at, logSeq }: ThreadChange) {
      const renamed = changeThread(owned, id, { title, updatedAt: at });
      if (renamed) toAnnounce(owned, id, logSeq, { type: "thread_renamed", title });
      return renamed;
    },
    async deleteThread(id: ThreadId, { at, logSeq }: ThreadChange) {
      if (!owned.threads.some((thread) => thread.id === id)) return false;
      for (const { clientId, text, runId, ...message } of owned.messages) {
        if (clientId === undefined || message.threadId !== id) continue;
        owned.deleted.set(clientId, { id: message.id, threadId: id, runId, textHash: hashOfText(text), at });
      }
      owned.threads = owned.threads.filter((thread) => thread.id !== id);
      for (const run of owned.runs) if (run.threadId === id) owned.transcripts.delete(run.id);
      owned.messages = owned.messages.filter(({ threadId }) => threadId !== id);
      owned.runs = owned.runs.filter(({ threadId }) => threadId !== id);
      toAnnounce(owned, id, logSeq, { type: "thread_deleted" });
      return true;
    },
    async listUnannounced() {
      return [...owned.unannounced];
    },
    async dropUnannounced(number: number) {
      owned.unannounced = owned.unannounced.filter((other) => other.number !== number);
    },
  };
}

function toAnnounce(
  owned: Owned,
  threadId: ThreadId,
  logSeq: number,
  change: UnannouncedChange["change"],
): void {
  const number = (owned.unannounced.at(-1)?.number ?? 0) + 1;
  owned.unannounced.push({ number, threadId, logSeq, change });
}

function messagesOf(owned: Owned, order: RunId[]) {
  return {
    async listMessages(threadId: ThreadId) {
      return owned.messages.filter((message) => message.threadId === threadId);
    },
    async searchMessages(query: string, limit: number) {
      const words = query.toLowerCase().split(/\s+/).filter(Boolean);
      return owned.messages
        .filter(({ text }) => words.every((word) => text.toLowerCase().includes(word)))
        .toReversed()
        .slice(0, limit);
    },
    async findMessage(clientId: string) {
      return owned.messages.find((message) => message.clientId === clientId);
    },
    async findDeleted(clientId: string) {
      const known = owned.deleted.get(clientId);
      if (!known) return undefined;
      const { id, threadId, runId, textHash } = known;
      return { id, threadId, runId, textHash };
    },
    async accept(message: AcceptMessage) {
      return accept(owned, order, message);
    },
  };
}

function accept(owned: Owned, order: RunId[], message: AcceptMessage): AcceptOutcome {
  const { clientId, text, messageId, at, thread } = message;
  const known = owned.messages.find((other) => other.clientId === clientId);
  if (known) return known.text === text ? { kind: "repeated", message: known } : { kind: "id_reused" };
  const deleted = owned.deleted.get(clientId);
  if (deleted)
    return deleted.textHash === hashOfText(text)
      ? { kind: "repeated", message: deleted }
      : { kind: "id_reused" };
  if ("create" in thread) {
    owned.threads.push({ id: thread.create, title: thread.title, createdAt: at, updatedAt: at });
  } else if (!changeThread(owned, thread.existing, { updatedAt: at })) {
    return { kind: "no_thread" };
  }
  const threadId = "create" in thread ? thread.create : thread.existing;
  const runId = "joins" in message.run ? message.run.joins : message.runId;
  owned.messages.push({ id: messageId, threadId, role: "user", text, runId, clientId, createdAt: at });
  if ("state" in message.run) {
    const { agent, logSeq } = message;
    const { state } = message.run;
    const usage = { inputTokens: 0, outputTokens: 0 };
    owned.runs.push({
      id: runId,
      threadId,
      messageId,
      agent,
      state,
      logSeq,
      takeovers: 0,
      usage,
      createdAt: at,
    });
    owned.used.set(runId, { createdAt: at, usage });
    order.push(runId);
  }
  return { kind: "accepted" };
}

function runsOf(owned: Owned) {
  return {
    async getRun(id: RunId) {
      const run = owned.runs.find((other) => other.id === id);
      return run && withUsage(owned, run);
    },
    async listOpenRuns(threadId?: ThreadId) {
      return owned.runs
        .filter((run) => isOpen(run) && (threadId === undefined || run.threadId === threadId))
        .map((run) => withUsage(owned, run));
    },
    async startRun(id: RunId) {
      return changeRun(owned, id, ({ state }) => (state === "queued" ? { state: "running" } : undefined));
    },
    async countTakeover(id: RunId) {
      changeRun(owned, id, ({ takeovers }) => ({ takeovers: takeovers + 1 }));
      return existing(owned, id).takeovers;
    },
    async closeRun(id: RunId, outcome: RunOutcome, at: number) {
      const closed = changeRun(owned, id, ({ state }) =>
        state === "queued" || state === "running" ? { state: "closing", outcome, endedAt: at } : undefined,
      );
      const answer = closed ? answerOf(outcome) : undefined;
      if (!answer) return closed;
      const { threadId } = existing(owned, id);
      const { messageId, ...said } = answer;
      owned.messages.push({ id: messageId, threadId, role: "agent", ...said, runId: id, createdAt: at });
      return true;
    },
    async settleRun(id: RunId) {
      changeRun(owned, id, ({ state, outcome }) =>
        state === "closing" && outcome ? { state: outcome.state } : undefined,
      );
    },
    async tokensSince(since: number) {
      const counted = [...owned.used.values()].filter(({ createdAt }) => createdAt >= since);
      return counted.reduce((sum, { usage }) => sum + usage.inputTokens + usage.outputTokens, 0);
    },
  };
}

function transcriptsOf(owned: Owned) {
  return {
    async checkpoint(id: RunId, row: TranscriptRow, usage?: Usage) {
      existing(owned, id);
      const rows = owned.transcripts.get(id) ?? [];
      if (rows.some(({ index }) => index === row.index))
        throw new Error(`${id} has a checkpoint ${row.index}`);
      owned.transcripts.set(
        id,
        [...rows, row].sort((a, b) => a.index - b.index),
      );
      const used = owned.used.get(id);
      if (usage && used) owned.used.set(id, { ...used, usage: addUsage(used.usage, usage) });
    },
    async readTranscript(id: RunId) {
      return owned.transcripts.get(id) ?? [];
    },
  };
}

const isOpen = ({ state }: RunRow): boolean => (openRunStates as readonly string[]).includes(state);

const withUsage = (owned: Owned, run: RunRow): RunRow => ({
  ...run,
  usage: owned.used.get(run.id)?.usage ?? run.usage,
});

function existing(owned: Owned, id: RunId): RunRow {
  const run = owned.runs.find((other) => other.id === id);
  if (!run) throw new Error(`no run ${id}`);
  return run;
}

function changeThread(owned: Owned, id: ThreadId, change: Partial<ThreadRow>): boolean {
  const exists = owned.threads.some((thread) => thread.id === id);
  owned.threads = owned.threads.map((thread) => (thread.id === id ? { ...thread, ...change } : thread));
  return exists;
}

/** False when there is no such run, or `change` does not change it. */
function changeRun(owned: Owned, id: RunId, change: (run: RunRow) => Partial<RunRow> | undefined): boolean {
  const run = owned.runs.find((other) => other.id === id);
  const changed = run && change(run);
  if (!changed) return false;
  owned.runs = owned.runs.map((other) => (other.id === id ? { ...other, ...changed } : other));
  return true;
}

function addUsage(used: Usage, more: Usage): Usage {
  const costUsd = (used.costUsd ?? 0) + (more.costUsd ?? 0);
  const costKnown = used.costUsd !== undefined || more.costUsd !== undefined;
  return {
    inputTokens: used.inputTokens + more.inputTokens,
    outputTokens: used.outputTokens + more.outputTokens,
    ...(costKnown ? { costUsd } : {}),
  };
}
