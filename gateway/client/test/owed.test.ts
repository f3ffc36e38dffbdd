import type { ServerFrame, WelcomeFrame } from "@trueline/protocol";
import { describe, expect, it } from "vitest";
import { Owed } from "../src/owed.ts";
import { merged, runOf, UserModel } from "./model.ts";

function framesOfRun(): readonly ServerFrame[] {
  const model = new UserModel();
  const ids = { threadId: "thr_1", runId: "run_1", messageId: "msg_1", id: "id_1" };
  model.append({ type: "thread_created", threadId: "thr_1", runId: null, data: { title: "hello" } });
  for (const draft of runOf(ids, "hello")) model.append(draft);
  return merged(model.after(0), () => true);
}
const [created, ...run] = framesOfRun();
const ending = run.at(-1);

describe("what the server owes", () => {
  it("AU4: the rest of a run, until its terminal event", () => {
    const owed = new Owed();
    if (created) owed.frame(created);
    expect(owed.any).toBe(false);
    for (const frame of run.slice(0, -1)) {
      owed.frame(frame);
      expect(owed.any).toBe(true);
    }
    if (ending) owed.frame(ending);
    expect(owed.any).toBe(false);
  });

  it("AU4: nothing that is known of, once events do not follow on what was seen", () => {
    const owed = new Owed();
    const [first] = run;
    if (!first) throw new Error("a run has events");
    owed.frame(first);
    owed.frame({ type: "reset", position: { epoch: "e", seq: 9 }, reason: "fell_behind" });
    expect(owed.any).toBe(false);
    owed.frame(first);
    owed.welcome({ resumed: "replayed" } as WelcomeFrame);
    expect(owed.any).toBe(true);
    owed.welcome({ resumed: "live" } as WelcomeFrame);
    expect(owed.any).toBe(false);
  });

  it("AU4: the answer to a request, also when it is a refusal", async () => {
    const owed = new Owed();
    const { promise, reject } = Promise.withResolvers<never>();
    const answer = owed.request(promise);
    expect(owed.any).toBe(true);
    reject(new Error("refused"));
    await expect(answer).rejects.toThrow("refused");
    expect(owed.any).toBe(false);
  });
});
