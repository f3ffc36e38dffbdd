/** What every `Records` promises. Adapters call it from their own tests: `recordsSuite("SQLite", async () => …)`. */
import { newId, type UserId } from "@trueline/kit";
import { describe, expect, it } from "vitest";
import { mostThreadsListed, type Records, type UserRecords } from "../ports/records.ts";
import { deletionTests } from "./records-deletion-tests.ts";
import { accepted, completed, draft } from "./records-drafts.ts";
import { checkpointTests, runTests } from "./records-run-tests.ts";

export interface RecordsUnderTest {
  readonly records: Records;
  /** The same records after an orderly restart of the process. */
  reopen(): Promise<Records>;
  close(): Promise<void>;
}

type RecordsTest = (ada: UserRecords, bob: UserRecords, made: RecordsUnderTest) => Promise<void>;
/** Makes an `it` body of a test that gets fresh records of two users. */
export type WithRecords = (test: RecordsTest) => () => Promise<void>;

const ada = "usr_ada" as UserId;
const bob = "usr_bob" as UserId;
const change = { at: 99, logSeq: 7 };

export function recordsSuite(name: string, make: () => Promise<RecordsUnderTest>): void {
  const withRecords: WithRecords = (test) => async () => {
    const made = await make();
    try {
      await test(made.records.of(ada), made.records.of(bob), made);
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
    describe("deleted threads", () => deletionTests(withRecords));
    describe("owners", () => ownerTests(withRecords));
  });
}

function threadTests(withRecords: WithRecords): void {
  it(
    "UI1: threads are listed with the newest update first",
    withRecords(async (ada) => {
      const [first, second, third] = [newId("thread"), newId("thread"), newId("thread")];
      await ada.createThread({ id: first, title: "first", at: 10, logSeq: 0 });
      await ada.createThread({ id: second, title: "second", at: 20, logSeq: 0 });
      await ada.createThread({ id: third, title: "third", at: 20, logSeq: 0 });
      expect((await ada.listThreads()).map(({ id }) => id)).toEqual([third, second, first]);
      expect(await ada.renameThread(first, "renamed ü", { at: 30, logSeq: 0 })).toBe(true);
      expect((await ada.listThreads())[0]).toEqual({
        id: first,
        title: "renamed ü",
        createdAt: 10,
        updatedAt: 30,
      });
    }),
  );

  it(
    "UI1: of many threads the newest are listed, and any can be had",
    withRecords(async (ada) => {
      const ids = Array.from({ length: mostThreadsListed + 1 }, () => newId("thread"));
      for (const [at, id] of ids.entries()) await ada.createThread({ id, title: "one", at, logSeq: 0 });
      expect((await ada.listThreads()).map(({ id }) => id)).toEqual(ids.slice(1).reverse());
      expect(await ada.getThread(ids[0] as (typeof ids)[0])).toMatchObject({ title: "one" });
    }),
  );

  it(
    "UI1: a deleted thread takes its messages, runs and transcripts along, and nothing else",
    withRecords(async (ada) => {
      const gone = await accepted(ada, { text: "gone" });
      const kept = await accepted(ada, { text: "kept" });
      await ada.checkpoint(gone.runId, { index: 0, entry: { role: "user", text: "gone" } });
      expect(await ada.deleteThread(gone.threadId, change)).toBe(true);
      expect(await ada.deleteThread(gone.threadId, change)).toBe(false);
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
      expect(await bob.renameThread(threadId, "mine", change)).toBe(false);
      expect(await bob.deleteThread(threadId, change)).toBe(false);
      expect(await bob.listUnannounced()).toEqual([]);
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
