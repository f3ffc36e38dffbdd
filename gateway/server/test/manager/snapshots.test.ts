import type { ThreadId } from "@trueline/kit";
import { createMemoryRecords } from "@trueline/server/testing";
import { expect, it } from "vitest";
import { readThread } from "../../src/manager/snapshots.ts";
import { createHandModel } from "../support/hand-model.ts";
import { accepted, openNode, user } from "../support/runs-fixture.ts";

it("RS2: between a run's end in the log and in its row there is no snapshot: it would lack the answer and the question", async () => {
  const records = createMemoryRecords();
  const own = records.of(user);
  const mayWrite = Promise.withResolvers<void>();
  const late = {
    ...own,
    settleRun: (id: Parameters<typeof own.settleRun>[0]) => mayWrite.promise.then(() => own.settleRun(id)),
  };
  const model = createHandModel();
  const node = await openNode({ model, records: { ...records, of: () => late } });
  const threadId = accepted(await node.send("go")).threadId as ThreadId;
  const step = await model.next();
  step.text("Gone.");
  step.end();
  await node.seen("agent_completed");
  const refused = { code: "store_unavailable", retryAfterMs: expect.any(Number) };
  await expect(readThread(node.log, node.own, threadId)).rejects.toMatchObject(refused);
  mayWrite.resolve();
  await node.whenIdle();
  const snapshot = await readThread(node.log, node.own, threadId);
  expect(snapshot?.messages.map(({ text }) => text)).toEqual(["go", "Gone."]);
  expect(snapshot?.openRuns).toEqual([]);
});
