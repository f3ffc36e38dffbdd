/** Logs of one user as a gateway could write them: several threads and runs at once, each run by its rules (EV2). */
import fc from "fast-check";
import { type Draft, UserModel } from "./model.ts";

interface Run {
  readonly threadId: string;
  readonly runId: string;
  stage: "accepted" | "started" | "ended";
  step: number;
  text: string;
  calls: string[];
}

/** Each number chooses what happens next among what may happen. */
export const logs = fc.array(fc.nat(), { maxLength: 60 }).map((choices) => {
  const model = new UserModel();
  const runs: Run[] = [];
  const threads: string[] = [];
  let ids = 0;
  const newId = (kind: string): string => `${kind}${++ids}`;
  for (const choice of choices) {
    const options = possible(runs, threads, newId);
    const chosen = options[choice % options.length];
    if (chosen) model.append(chosen());
  }
  return model;
});

function possible(runs: Run[], threads: string[], newId: (kind: string) => string): (() => Draft)[] {
  const options: (() => Draft)[] = [];
  if (threads.length < 3) options.push(() => createThread(threads, newId));
  for (const threadId of threads) {
    options.push(() => accept(runs, threadId, newId));
    options.push(() => ({ type: "thread_renamed", threadId, runId: null, data: { title: newId("title") } }));
  }
  for (const run of runs) options.push(...ofRun(run, newId));
  if (threads.length === 3 && threads[0]) options.push(() => deleteThread(runs, threads, threads[0] ?? ""));
  return options;
}

function createThread(threads: string[], newId: (kind: string) => string): Draft {
  const threadId = newId("thread");
  threads.push(threadId);
  return { type: "thread_created", threadId, runId: null, data: { title: "a thread" } };
}

function deleteThread(runs: Run[], threads: string[], threadId: string): Draft {
  threads.splice(threads.indexOf(threadId), 1);
  for (const run of runs) if (run.threadId === threadId) run.stage = "ended";
  return { type: "thread_deleted", threadId, runId: null, data: {} };
}

function accept(runs: Run[], threadId: string, newId: (kind: string) => string): Draft {
  const open = runs.find((run) => run.threadId === threadId && run.stage !== "ended");
  const steers = open?.stage === "started" && runs.length % 2 === 1;
  const runId = steers && open ? open.runId : newId("run");
  const disposition = steers ? "steering" : open ? "queued" : "started";
  if (!steers) runs.push({ threadId, runId, stage: "accepted", step: 0, text: "", calls: [] });
  const data = { id: newId("client"), messageId: newId("message"), text: "hello", disposition } as const;
  return { type: "message_accepted", threadId, runId, data };
}

function ofRun(run: Run, newId: (kind: string) => string): (() => Draft)[] {
  const { threadId, runId } = run;
  const of = { threadId, runId };
  const end = (draft: Draft) => (): Draft => {
    run.stage = "ended";
    return draft;
  };
  const partial = run.text === "" ? {} : { partial: { messageId: `partial of ${runId}`, text: run.text } };
  const by = { by: "ada", connectionId: null, ...partial };
  if (run.stage === "ended") return [];
  const cancel = end({ type: "agent_cancelled", ...of, data: by });
  if (run.stage === "accepted") {
    const data = { agent: "a", model: "m", description: "" };
    const start = (): Draft => {
      run.stage = "started";
      return { type: "agent_started", ...of, data };
    };
    return [start, start, cancel];
  }
  // Repetitive on purpose: an overlap cannot be found by looking at the text.
  const delta = (): Draft => {
    run.text += "ha";
    return { type: "text_delta", ...of, data: { text: "ha" } };
  };
  const think = (): Draft => ({ type: "agent_thinking", ...of, data: { step: ++run.step, text: "" } });
  const execute = (): Draft => {
    const callId = newId("call");
    run.calls.push(callId);
    return { type: "tool_executing", ...of, data: { tool: "t", callId, purpose: "p", arguments: { x: 1 } } };
  };
  const complete = (): Draft => {
    const callId = run.calls.pop() ?? "";
    return {
      type: "tool_completed",
      ...of,
      data: { tool: "t", callId, ok: true, preview: "r", durationMs: 1 },
    };
  };
  const finish = end({
    type: "agent_completed",
    ...of,
    data: {
      messageId: newId("answer"),
      text: "hahaha",
      usage: { inputTokens: 1, outputTokens: 1 },
      durationMs: 1,
    },
  });
  const fail = end({
    type: "agent_failed",
    ...of,
    data: { code: "model_error", message: "m", retryable: true, ...partial },
  });
  const tools = run.calls.length > 0 ? [complete] : [execute];
  return [delta, delta, delta, delta, delta, think, ...tools, finish, fail, cancel];
}
