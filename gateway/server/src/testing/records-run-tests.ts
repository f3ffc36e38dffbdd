/** The part of `recordsSuite` about runs and their checkpoints. Called by records-suite.ts. */
import { newId, type RunId, type UserId } from "@trueline/kit";
import { expect, it } from "vitest";
import type { RunOutcome } from "../ports/records.ts";
import { accepted, completed } from "./records-drafts.ts";
import type { WithRecords } from "./records-suite.ts";

const adaId = "usr_ada" as UserId;
const bobId = "usr_bob" as UserId;

export function runTests(withRecords: WithRecords): void {
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

  it.each([
    { state: "failed", code: "model_error", message: "It broke." },
    { state: "cancelled", by: "ada", connectionId: "con_phone" },
  ] as const)(
    "RN3: what was shown of an answer that was $state stays as the agent's message, also after a restart",
    async (ended) =>
      withRecords(async (ada, _bob, { reopen }) => {
        const { runId, threadId } = await accepted(ada, {});
        const partial = { messageId: newId("message"), text: "Half an ans" };
        const outcome: RunOutcome = { ...ended, partial };
        expect(await ada.closeRun(runId, outcome, 90)).toBe(true);
        expect(await ada.closeRun(runId, { ...outcome, partial: { ...partial, text: "x" } }, 91)).toBe(false);
        const again = (await reopen()).of(adaId);
        expect(await again.getRun(runId)).toMatchObject({ state: "closing", outcome });
        await again.settleRun(runId);
        expect(await again.getRun(runId)).toMatchObject({ state: ended.state, outcome });
        const said = { role: "agent", text: partial.text, cutOff: ended.state };
        expect((await again.listMessages(threadId)).slice(1)).toEqual([
          { id: partial.messageId, threadId, runId, createdAt: 90, ...said },
        ]);
        expect(await again.searchMessages("half", 5)).toMatchObject([said]);
      })(),
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

export function checkpointTests(withRecords: WithRecords): void {
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
      await ada.deleteThread(late.threadId, { at: 9, logSeq: 0 });
      expect(await ada.tokensSince(101)).toBe(15);
    }),
  );
}
