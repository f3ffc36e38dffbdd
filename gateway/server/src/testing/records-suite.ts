/** What every `Records` promises. Adapters call it from their own tests: `recordsSuite("SQLite", async () => …)`. */
import { type MessageId, newId, type RunId, type ThreadId, type UserId } from "@trueline/kit";
import { describe, expect, it } from "vitest";
import type { AcceptMessage, Records, RunOutcome, UserRecords } from "../ports/records.ts";

export interface RecordsUnderTest {
  readonly records: Records;
  /** The same records after an orderly restart of the process. */
  reopen(): Promise<Records>;
  close(): Promise<void>;
}

type RecordsTest = (ada: UserRecords, bob: UserRecords, made: RecordsUnderTest) => Promise<void>;
type WithRecords = (test: RecordsTest) => () => Promise<void>;

const adaId = "usr_ada" as UserId;
const bobId = "usr_bob" as UserId;

export function recordsSuite(name: string, make: () => Promise<RecordsUnderTest>): void {
  const withRecords: WithRecords = (test) => async () => {
    const made = await make();
    try {
      await test(made.records.of(adaId), made.records.of(bobId), made);
    } finally {
      await made.close();
    }
  };
  describe(`Records: ${name}`, () => {
    describe("threads", () => threadTests(withRecords));
    describe("messages", () => messageTests(withRecords));
    describe("search", () => searchTests(withRecords));
    describe("runs", () => runTests(withRecords));
    describe("checkpoints", () => checkpointTests(withRecords));
    describe("owners", () => ownerTests(withRecords));
  });
}

function threadTests(withRecords: WithRecords): void {
  it(
    "UI1: threads are listed with the newest update first",
    withRecords(async (ada) => {
      const [first, second, third] = [newId("thread"), newId("thread"), newId("thread")];
      await ada.createThread({ id: first, title: "first", at: 10 });
      await ada.createThread({ id: second, title: "second", at: 20 });
      await ada.createThread({ id: third, title: "third", at: 20 });
      expect((await ada.listThreads()).map(({ id }) => id)).toEqual([third, second, first]);
      expect(await ada.renameThread(first, "renamed ü", 30)).toBe(true);
      expect((await ada.listThreads())[0]).toEqual({
        id: first,
        title: "renamed ü",
        createdAt: 10,
        updatedAt: 30,
      });
    }),
  );

  it(
    "UI1: a deleted thread takes its messages, runs and transcripts along, and nothing else",
    withRecords(async (ada) => {
      const gone = await accepted(ada, { text: "gone" });
      const kept = await accepted(ada, { text: "kept" });
      await ada.checkpoint(gone.runId, { index: 0, entry: { role: "user", text: "gone" } });
      expect(await ada.deleteThread(gone.threadId)).toBe(true);
      expect(await ada.deleteThread(gone.threadId)).toBe(false);
      expect(await ada.getThread(gone.threadId)).toBeUndefined();
      expect(await ada.listMessages(gone.threadId)).toEqual([]);
      expect(await ada.getRun(gone.runId)).toBeUndefined();
      expect(await ada.readTranscript(gone.runId)).toEqual([]);
      expect(await ada.findMessage(gone.clientId)).toBeUndefined();
      expect(await ada.getRun(kept.runId)).toBeDefined();
      expect(await ada.listMessages(kept.threadId)).toHaveLength(1);
    }),
  );
}

function messageTests(withRecords: WithRecords): void {
  it(
    "RS5: an accepted message is there with its thread and its run",
    withRecords(async (ada) => {
      const message = draft({ text: "hello 😀", at: 50, logSeq: 7, agent: "offline" });
      expect(await ada.accept(message)).toEqual({ kind: "accepted" });
      const { clientId, messageId, runId, threadId } = message;
      const row = { id: messageId, threadId, role: "user", text: "hello 😀", runId, clientId, createdAt: 50 };
      expect(await ada.listMessages(threadId)).toEqual([row]);
      expect(await ada.findMessage(clientId)).toEqual(row);
      expect(await ada.getThread(threadId)).toEqual({
        id: threadId,
        title: "a title",
        createdAt: 50,
        updatedAt: 50,
      });
      expect(await ada.getRun(runId)).toEqual({
        ...{ id: runId, threadId, messageId, agent: "offline", state: "running", logSeq: 7, takeovers: 0 },
        ...{ usage: { inputTokens: 0, outputTokens: 0 }, createdAt: 50 },
      });
    }),
  );

  it(
    "RS5: the same client id again gets the same message and makes nothing; with another text it is refused",
    withRecords(async (ada) => {
      const message = draft({ text: "once", clientId: "client-1" });
      await ada.accept(message);
      const again = await ada.accept(draft({ text: "once", clientId: "client-1" }));
      expect(again).toMatchObject({
        kind: "repeated",
        message: { id: message.messageId, runId: message.runId },
      });
      expect(await ada.accept(draft({ text: "twice", clientId: "client-1" }))).toEqual({ kind: "id_reused" });
      expect(await ada.listThreads()).toHaveLength(1);
      expect(await ada.listOpenRuns()).toHaveLength(1);
    }),
  );

  it(
    "RS5: of many sends of one client id at once, one is accepted and all others repeat it",
    withRecords(async (ada) => {
      const sends = Array.from({ length: 20 }, () => draft({ text: "once", clientId: "client-1" }));
      const outcomes = await Promise.all(sends.map((send) => ada.accept(send)));
      const winner = sends[outcomes.findIndex(({ kind }) => kind === "accepted")];
      const repeated = outcomes.filter(({ kind }) => kind === "repeated");
      expect(repeated).toHaveLength(19);
      for (const outcome of repeated) expect(outcome).toMatchObject({ message: { runId: winner?.runId } });
      expect(await ada.listThreads()).toHaveLength(1);
      expect(await ada.listOpenRuns()).toHaveLength(1);
    }),
  );

  it(
    "RS5: a message for a thread updates it; for one that does not exist it leaves nothing behind",
    withRecords(async (ada) => {
      const { threadId } = await accepted(ada, { at: 10 });
      await accepted(ada, { thread: { existing: threadId }, at: 20 });
      expect((await ada.getThread(threadId))?.updatedAt).toBe(20);
      const lost = draft({ thread: { existing: newId("thread") } });
      expect(await ada.accept(lost)).toEqual({ kind: "no_thread" });
      expect(await ada.findMessage(lost.clientId)).toBeUndefined();
      expect(await ada.getRun(lost.runId)).toBeUndefined();
    }),
  );

  it(
    "RN4: a message that joins the active run makes none of its own",
    withRecords(async (ada) => {
      const active = await accepted(ada, {});
      const joining = await accepted(ada, {
        thread: { existing: active.threadId },
        run: { joins: active.runId },
      });
      expect((await ada.findMessage(joining.clientId))?.runId).toBe(active.runId);
      expect(await ada.getRun(joining.runId)).toBeUndefined();
      expect(await ada.listOpenRuns()).toHaveLength(1);
    }),
  );

  it(
    "UI1: messages are listed in the order they came, whatever the clock did",
    withRecords(async (ada) => {
      const { threadId } = await accepted(ada, { text: "1", at: 500 });
      await accepted(ada, { text: "2", at: 20, thread: { existing: threadId } });
      await accepted(ada, { text: "3", at: 300, thread: { existing: threadId } });
      expect((await ada.listMessages(threadId)).map(({ text }) => text)).toEqual(["1", "2", "3"]);
    }),
  );
}

function searchTests(withRecords: WithRecords): void {
  const found = async (ada: UserRecords, query: string, limit = 10) =>
    (await ada.searchMessages(query, limit)).map(({ text }) => text);

  it(
    "RN5: a search finds messages that hold every word, newest first, up to the limit",
    withRecords(async (ada) => {
      for (const text of ["red apple", "Apple pie, RED", "red pear", "pineapple"])
        await accepted(ada, { text });
      expect(await found(ada, "red apple")).toEqual(["Apple pie, RED", "red apple"]);
      expect(await found(ada, "  APPLE ")).toEqual(["pineapple", "Apple pie, RED", "red apple"]);
      expect(await found(ada, "apple", 1)).toEqual(["pineapple"]);
      expect(await found(ada, "plum")).toEqual([]);
    }),
  );

  it(
    "RN5: a search takes every character for itself, in any script",
    withRecords(async (ada) => {
      const texts = ["100% sure", "100 sure", "a_b", "aXb", "C:\\temp", "it's", "ÜBUNG Привет"];
      for (const text of texts) await accepted(ada, { text });
      expect(await found(ada, "100%")).toEqual(["100% sure"]);
      expect(await found(ada, "a_b")).toEqual(["a_b"]);
      expect(await found(ada, ":\\t")).toEqual(["C:\\temp"]);
      expect(await found(ada, "'")).toEqual(["it's"]);
      expect(await found(ada, "übung привет")).toEqual(["ÜBUNG Привет"]);
    }),
  );
}

function runTests(withRecords: WithRecords): void {
  it(
    "RN3: a run goes from queued over running and closing to its outcome, each step once",
    withRecords(async (ada) => {
      const { runId, threadId } = await accepted(ada, { run: { state: "queued" } });
      expect(await ada.startRun(runId)).toBe(true);
      expect(await ada.startRun(runId)).toBe(false);
      const outcome = completed("the answer");
      expect(await ada.closeRun(runId, outcome, 90)).toBe(true);
      expect(await ada.closeRun(runId, { state: "cancelled", by: "ada", connectionId: null }, 91)).toBe(
        false,
      );
      expect(await ada.getRun(runId)).toMatchObject({ state: "closing", outcome, endedAt: 90 });
      expect(await ada.listOpenRuns()).toHaveLength(1);
      await ada.settleRun(runId);
      await ada.settleRun(runId);
      expect(await ada.getRun(runId)).toMatchObject({ state: "completed", outcome, endedAt: 90 });
      expect(await ada.listOpenRuns()).toEqual([]);
      expect((await ada.listMessages(threadId)).at(-1)).toEqual({
        ...{ id: outcome.messageId, threadId, role: "agent", text: "the answer", runId, createdAt: 90 },
      });
    }),
  );

  it(
    "EV2: of two outcomes at once one is recorded, with its message and no other",
    withRecords(async (ada) => {
      const { runId, threadId } = await accepted(ada, {});
      const outcomes = [completed("one"), completed("two"), completed("three")];
      const closed = await Promise.all(outcomes.map((outcome) => ada.closeRun(runId, outcome, 90)));
      expect(closed.filter(Boolean)).toHaveLength(1);
      const answers = (await ada.listMessages(threadId)).filter(({ role }) => role === "agent");
      expect(answers.map(({ text }) => text)).toEqual([outcomes[closed.indexOf(true)]?.text]);
    }),
  );

  it(
    "RN3: an outcome without an answer leaves no message; what ended cannot be closed again",
    withRecords(async (ada) => {
      const { runId, threadId } = await accepted(ada, {});
      const outcome: RunOutcome = { state: "failed", code: "model_error", message: "It broke." };
      expect(await ada.closeRun(runId, outcome, 90)).toBe(true);
      await ada.settleRun(runId);
      expect(await ada.getRun(runId)).toMatchObject({ state: "failed", outcome });
      expect(await ada.closeRun(runId, completed("late"), 95)).toBe(false);
      expect(await ada.listMessages(threadId)).toHaveLength(1);
      expect(await ada.closeRun(newId("run"), outcome, 95)).toBe(false);
    }),
  );

  it(
    "RN3: open runs are listed oldest first, of a thread, of a user and of all",
    withRecords(async (ada, bob, { records }) => {
      const first = await accepted(ada, { at: 90 });
      const second = await accepted(bob, { at: 80 });
      const third = await accepted(ada, { at: 70, run: { state: "queued" } });
      const ended = await accepted(ada, {});
      await ada.closeRun(ended.runId, completed("done"), 95);
      await ada.settleRun(ended.runId);
      const ids = (runs: readonly { id: RunId }[]) => runs.map(({ id }) => id);
      expect(ids(await ada.listOpenRuns())).toEqual([first.runId, third.runId]);
      expect(ids(await ada.listOpenRuns(third.threadId))).toEqual([third.runId]);
      const all = await records.listAllOpenRuns();
      expect(all.map(({ user, run }) => [user, run.id])).toEqual([
        [adaId, first.runId],
        [bobId, second.runId],
        [adaId, third.runId],
      ]);
    }),
  );

  it(
    "RN3: takeovers are counted",
    withRecords(async (ada) => {
      const { runId } = await accepted(ada, {});
      expect(await ada.countTakeover(runId)).toBe(1);
      expect(await ada.countTakeover(runId)).toBe(2);
      expect((await ada.getRun(runId))?.takeovers).toBe(2);
      await expect(ada.countTakeover(newId("run"))).rejects.toThrow();
    }),
  );
}

function checkpointTests(withRecords: WithRecords): void {
  const usage = { inputTokens: 10, outputTokens: 5 };

  it(
    "RN3: a transcript is read as it was written, also after a restart, with the usage summed up",
    withRecords(async (ada, _bob, { reopen }) => {
      const { runId } = await accepted(ada, {});
      const call = {
        callId: "c1",
        tool: "calculator",
        arguments: { expression: "6*7", nested: [null, 1.5] },
      };
      const rows = [
        { index: 0, entry: { role: "agent", text: "ü", toolCalls: [call], interrupted: true } },
        { index: 1, entry: { role: "tool", callId: "c1", tool: "calculator", ok: true, result: "42" } },
      ] as const;
      await ada.checkpoint(runId, rows[0], usage);
      await ada.checkpoint(runId, rows[1], { ...usage, costUsd: 0.25 });
      const again = (await reopen()).of(adaId);
      expect(await again.readTranscript(runId)).toEqual(rows);
      expect((await again.getRun(runId))?.usage).toEqual({
        inputTokens: 20,
        outputTokens: 10,
        costUsd: 0.25,
      });
    }),
  );

  it(
    "RN3: a checkpoint is taken once: a second of the same place changes neither transcript nor usage",
    withRecords(async (ada) => {
      const { runId } = await accepted(ada, {});
      await ada.checkpoint(runId, { index: 0, entry: { role: "user", text: "first" } }, usage);
      await expect(
        ada.checkpoint(runId, { index: 0, entry: { role: "user", text: "second" } }, usage),
      ).rejects.toThrow();
      expect(await ada.readTranscript(runId)).toEqual([{ index: 0, entry: { role: "user", text: "first" } }]);
      expect((await ada.getRun(runId))?.usage).toEqual(usage);
    }),
  );

  it(
    "RN4: tokens are counted by when their run was created, and deleting its thread does not give them back",
    withRecords(async (ada, bob) => {
      const early = await accepted(ada, { at: 100 });
      const late = await accepted(ada, { at: 200 });
      await ada.checkpoint(early.runId, { index: 0, entry: { role: "user", text: "" } }, usage);
      await ada.checkpoint(late.runId, { index: 0, entry: { role: "user", text: "" } }, usage);
      expect(await ada.tokensSince(100)).toBe(30);
      expect(await ada.tokensSince(101)).toBe(15);
      expect(await ada.tokensSince(201)).toBe(0);
      expect(await bob.tokensSince(0)).toBe(0);
      await ada.deleteThread(late.threadId);
      expect(await ada.tokensSince(101)).toBe(15);
    }),
  );
}

function ownerTests(withRecords: WithRecords): void {
  it(
    "IS2: what another user has reads and changes exactly as what does not exist",
    withRecords(async (ada, bob) => {
      const { threadId, runId, clientId } = await accepted(ada, { text: "secret", run: { state: "queued" } });
      await ada.checkpoint(runId, { index: 0, entry: { role: "user", text: "secret" } });
      const before = [
        await ada.getThread(threadId),
        await ada.getRun(runId),
        await ada.readTranscript(runId),
      ];
      expect(await bob.getThread(threadId)).toBeUndefined();
      expect(await bob.listThreads()).toEqual([]);
      expect(await bob.listMessages(threadId)).toEqual([]);
      expect(await bob.searchMessages("secret", 10)).toEqual([]);
      expect(await bob.findMessage(clientId)).toBeUndefined();
      expect(await bob.getRun(runId)).toBeUndefined();
      expect(await bob.listOpenRuns(threadId)).toEqual([]);
      expect(await bob.readTranscript(runId)).toEqual([]);
      expect(await bob.renameThread(threadId, "mine", 99)).toBe(false);
      expect(await bob.deleteThread(threadId)).toBe(false);
      expect(await bob.startRun(runId)).toBe(false);
      expect(await bob.closeRun(runId, completed("mine"), 99)).toBe(false);
      await bob.settleRun(runId);
      await expect(bob.countTakeover(runId)).rejects.toThrow();
      await expect(bob.checkpoint(runId, { index: 1, entry: { role: "user", text: "" } })).rejects.toThrow();
      expect(await bob.accept(draft({ thread: { existing: threadId } }))).toEqual({ kind: "no_thread" });
      const after = [await ada.getThread(threadId), await ada.getRun(runId), await ada.readTranscript(runId)];
      expect(after).toEqual(before);
    }),
  );

  it(
    "RS5: two users may use the same client id",
    withRecords(async (ada, bob) => {
      await accepted(ada, { clientId: "client-1", text: "of ada" });
      await accepted(bob, { clientId: "client-1", text: "of bob" });
      expect((await ada.findMessage("client-1"))?.text).toBe("of ada");
      expect((await bob.findMessage("client-1"))?.text).toBe("of bob");
    }),
  );
}

function draft(parts: Partial<AcceptMessage>): AcceptMessage & { threadId: ThreadId } {
  const thread = parts.thread ?? { create: newId("thread"), title: "a title" };
  return {
    clientId: crypto.randomUUID(),
    text: "hello",
    messageId: newId("message"),
    runId: newId("run"),
    agent: "offline",
    logSeq: 0,
    at: 1_000,
    run: { state: "running" },
    ...parts,
    thread,
    threadId: "create" in thread ? thread.create : thread.existing,
  };
}

async function accepted(user: UserRecords, parts: Partial<AcceptMessage>): Promise<ReturnType<typeof draft>> {
  const message = draft(parts);
  expect(await user.accept(message)).toEqual({ kind: "accepted" });
  return message;
}

const completed = (text: string) =>
  ({ state: "completed", messageId: newId("message") as MessageId, text, durationMs: 12 }) as const;
