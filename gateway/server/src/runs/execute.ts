/**
 * A run from its start, or from its last checkpoint, to the decision how it ends. What comes next is read off the
 * transcript, so that going on after a crash is the same act as going on after a step (RN3). Writes no terminal event.
 */
import { newId } from "@trueline/kit";
import type { Usage } from "@trueline/protocol";
import type { Agent, TranscriptEntry } from "../ports/model.ts";
import type { RunOutcome } from "../ports/records.ts";
import { tokensLeft } from "./allowance.ts";
import type { LiveRun } from "./live-run.ts";
import type { RunsOptions } from "./runs.ts";
import { startOnce } from "./start.ts";
import { takeStep } from "./step.ts";
import { ContractBroken, failed, handedOver, stored } from "./stop.ts";
import { runTools } from "./tools.ts";
import { inSpan } from "./trace.ts";
import { conversation } from "./transcript.ts";

/** Longest that a timer can wait. */
const longestTimeoutMs = 2 ** 31 - 1;

/** Throws what `outcomeOfError` turns into an outcome. `draining`: stop at the next checkpoint. */
export async function executeRun(
  run: LiveRun,
  options: RunsOptions,
  agent: Agent,
  draining: () => boolean,
): Promise<RunOutcome> {
  const { runTimeoutMs } = options.limits;
  const sentence = `The run took longer than ${runTimeoutMs / 1000} s and was stopped.`;
  const timer =
    runTimeoutMs > 0
      ? setTimeout(() => run.fail("run_timeout", sentence), Math.min(runTimeoutMs, longestTimeoutMs))
      : undefined;
  try {
    if (await startOnce(run, options)) options.observer.firstEvent(run.durationMs);
    const messages = await stored(() => options.records.listMessages(run.threadId));
    const earlier = conversation(messages, run.row.messageId);
    return await goOn(run, options, agent, earlier, draining);
  } finally {
    clearTimeout(timer);
  }
}

async function goOn(
  run: LiveRun,
  options: RunsOptions,
  agent: Agent,
  earlier: readonly TranscriptEntry[],
  draining: () => boolean,
): Promise<RunOutcome> {
  const { transcript } = run;
  for (;;) {
    run.signal.throwIfAborted();
    const calls = transcript.unanswered;
    if (!transcript.answered && draining()) throw handedOver();
    if (calls.length > 0) {
      await runTools(run, options, agent, calls);
      continue;
    }
    await takeJoined(run);
    if (!transcript.answered) await step(run, options, agent, earlier);
    else if (run.beginEnding()) return completed(run);
  }
}

/** Messages that joined the run become part of what the model sees next. */
async function takeJoined(run: LiveRun): Promise<void> {
  for (let text = await run.nextJoined(); text !== undefined; text = await run.nextJoined()) {
    await run.transcript.append({ role: "user", text });
  }
}

async function step(
  run: LiveRun,
  options: RunsOptions,
  agent: Agent,
  earlier: readonly TranscriptEntry[],
): Promise<void> {
  run.signal.throwIfAborted();
  const number = run.transcript.steps + 1;
  if (number > options.limits.steps) {
    throw failed("step_limit", `The run needed more than ${options.limits.steps} steps and was stopped.`);
  }
  if (number > 1 && (await tokensLeft(options)) <= 0) {
    throw failed("token_limit", "Your tokens of the day were used up in the middle of the run.");
  }
  run.events.post("agent_thinking", { step: number, text: "" });
  const request = {
    instructions: agent.instructions,
    transcript: [...earlier, ...run.transcript.entries],
    tools: agent.tools,
  };
  const attributes = { "trueline.step": number, "trueline.model": agent.model.id };
  const { text, toolCalls, usage } = await inSpan("trueline.step", attributes, () =>
    takeStep(run, options, agent.model, request, number),
  );
  // What is recorded must have been shown: after a crash the log may hold more than the transcript, never less.
  await run.events.flush();
  await run.transcript.append({ role: "agent", text, toolCalls }, usage);
  run.usage = addUsage(run.usage, usage);
}

function completed(run: LiveRun): RunOutcome {
  const { text } = run.transcript;
  if (text !== run.events.history.text) throw new ContractBroken("a final text that is not the text shown");
  return { state: "completed", messageId: newId("message"), text, durationMs: Math.round(run.durationMs) };
}

function addUsage(left: Usage, right: Usage): Usage {
  const cost = (left.costUsd ?? 0) + (right.costUsd ?? 0);
  const known = left.costUsd !== undefined || right.costUsd !== undefined;
  return {
    inputTokens: left.inputTokens + right.inputTokens,
    outputTokens: left.outputTokens + right.outputTokens,
    ...(known ? { costUsd: cost } : {}),
  };
}
