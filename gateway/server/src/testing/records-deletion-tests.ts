/** Part of the suite of `Records`: what stays of a deleted thread, and what is still to be announced of threads. */
import { newId } from "@trueline/kit";
import { expect, it } from "vitest";
import { hashOfText } from "../runs/text-hash.ts";
import { accepted, draft } from "./records-drafts.ts";
import type { WithRecords } from "./records-suite.ts";

export function deletionTests(withRecords: WithRecords): void {
  it(
    "RS5: a client id outlives its deleted thread: the same message gets the same answer, and makes nothing",
    withRecords(async (ada, bob, made) => {
      const message = await accepted(ada, { text: "once", clientId: "client-1" });
      await ada.deleteThread(message.threadId, { at: 50, logSeq: 1 });
      const { messageId: id, threadId, runId } = message;
      const kept = { id, threadId, runId, textHash: hashOfText("once") };
      expect(await ada.findDeleted("client-1")).toEqual(kept);
      expect(await ada.accept(draft({ text: "once", clientId: "client-1" }))).toMatchObject({
        kind: "repeated",
        message: { id, threadId, runId },
      });
      expect(await ada.accept(draft({ text: "twice", clientId: "client-1" }))).toEqual({ kind: "id_reused" });
      expect(await ada.listThreads()).toEqual([]);
      expect(await ada.listOpenRuns()).toEqual([]);
      expect(await bob.findDeleted("client-1")).toBeUndefined();
      const reopened = (await made.reopen()).of("usr_ada" as never);
      expect(await reopened.findDeleted("client-1")).toEqual(kept);
    }),
  );

  it(
    "RS5: what stays of deleted messages is dropped when it is old, and only that",
    withRecords(async (ada, bob, { records }) => {
      for (const [user, clientId, at] of [
        [ada, "old", 10],
        [bob, "older", 5],
        [ada, "young", 20],
      ] as const) {
        const { threadId } = await accepted(user, { clientId });
        await user.deleteThread(threadId, { at, logSeq: 1 });
      }
      expect(await records.forgetDeleted(20)).toBe(2);
      expect(await ada.findDeleted("old")).toBeUndefined();
      expect(await bob.findDeleted("older")).toBeUndefined();
      expect(await ada.findDeleted("young")).toBeDefined();
    }),
  );

  it(
    "EV3: changes of threads wait to be announced, in their order, until that is done",
    withRecords(async (ada, bob, made) => {
      const threadId = newId("thread");
      await ada.createThread({ id: threadId, title: "one", at: 1, logSeq: 3 });
      await ada.renameThread(threadId, "two", { at: 2, logSeq: 4 });
      await ada.deleteThread(threadId, { at: 3, logSeq: 5 });
      await ada.renameThread(threadId, "three", { at: 4, logSeq: 6 });
      await ada.deleteThread(threadId, { at: 5, logSeq: 7 });
      expect(await bob.listUnannounced()).toEqual([]);
      const reopened = (await made.reopen()).of("usr_ada" as never);
      const waiting = await reopened.listUnannounced();
      expect(waiting.map(({ threadId, logSeq, change }) => ({ threadId, logSeq, change }))).toEqual([
        { threadId, logSeq: 3, change: { type: "thread_created", title: "one" } },
        { threadId, logSeq: 4, change: { type: "thread_renamed", title: "two" } },
        { threadId, logSeq: 5, change: { type: "thread_deleted" } },
      ]);
      await reopened.dropUnannounced(waiting[0]?.number ?? 0);
      expect(await reopened.listUnannounced()).toEqual(waiting.slice(1));
    }),
  );
}
