/**
 * Runs the tool calls of a step (RN1, RN3): announced before they run, recorded before they are shown as done. A call
 * that fails is told to the model and does not end the run; only the store or a stop does.
 */
import { context, SpanStatusCode, trace } from "@opentelemetry/api";
import { describeIssues } from "@trueline/protocol";
import type { Agent, Tool, ToolCall, ToolContext } from "../ports/model.ts";
import type { LiveRun } from "./live-run.ts";
import { type ShownArguments, showArguments } from "./redact.ts";
import type { RunsOptions } from "./runs.ts";
import { searchMessages } from "./search.ts";
import { tracer } from "./trace.ts";

export const previewLength = 2_000;

interface ToolOutcome {
  readonly ok: boolean;
  readonly result: string;
  readonly durationMs: number;
}

/** Resolves when every call has its result. Those that may not be repeated run one after the other, the others at once. */
export async function runTools(
  run: LiveRun,
  options: RunsOptions,
  agent: Agent,
  calls: readonly ToolCall[],
): Promise<void> {
  let inOrder: Promise<unknown> = Promise.resolve();
  const answers = calls.map((call) => {
    const tool = agent.tools.find((candidate) => candidate.name === call.tool);
    if (tool === undefined || tool.repeatable) return answerCall(run, options, tool, call);
    // After a failure the next one meets the stopped run by itself.
    const next = () => answerCall(run, options, tool, call);
    const answer = inOrder.then(next, next);
    inOrder = answer;
    return answer;
  });
  // All of them are waited for, so that nothing of the run is on its way when it ends.
  const settled = await Promise.allSettled(answers);
  for (const answer of settled) if (answer.status === "rejected") throw answer.reason;
}

async function answerCall(
  run: LiveRun,
  options: RunsOptions,
  tool: Tool | undefined,
  call: ToolCall,
): Promise<void> {
  run.signal.throwIfAborted();
  const shown = showArguments(call.arguments, tool?.secretArguments);
  const announcedBefore = run.events.history.calls.has(call.callId);
  if (!announcedBefore) await run.events.emit("tool_executing", executingData(tool, call, shown));
  const outcome =
    announcedBefore && tool?.repeatable !== true ? interrupted : await execute(run, options, tool, call);
  // A run that was stopped does not want the result any more; its end closes the call.
  run.signal.throwIfAborted();
  // A name that the model made up is no label for a metric.
  options.observer.toolEnded(tool?.name ?? "unknown", outcome.ok, outcome.durationMs);
  const { ok, result } = outcome;
  await run.transcript.append({ role: "tool", callId: call.callId, tool: call.tool, ok, result });
  await run.events.emit("tool_completed", completedData(call, outcome, shown));
}

/** Of a call that a crash cut off, and that may have done its work or not. */
const interrupted: ToolOutcome = {
  ok: false,
  result:
    "The server was restarted during this call. It may have taken effect; it was interrupted and not run again.",
  durationMs: 0,
};

export const executingData = (
  tool: Tool | undefined,
  call: { callId: string; tool: string },
  shown: ShownArguments,
) => ({
  tool: call.tool,
  callId: call.callId,
  purpose: tool?.description ?? "There is no such tool.",
  arguments: shown.arguments,
});

export const completedData = (
  call: { callId: string; tool: string },
  outcome: ToolOutcome,
  shown: Pick<ShownArguments, "blot">,
) => ({
  tool: call.tool,
  callId: call.callId,
  ok: outcome.ok,
  preview: cut(shown.blot(outcome.result)),
  durationMs: outcome.durationMs,
});

/** The beginning of a text, without half a character at its end. */
const cut = (text: string): string =>
  text.length <= previewLength ? text : text.slice(0, previewLength).replace(/[\uD800-\uDBFF]$/, "");

async function execute(
  run: LiveRun,
  options: RunsOptions,
  tool: Tool | undefined,
  call: ToolCall,
): Promise<ToolOutcome> {
  if (tool === undefined) return refusal(`There is no tool named ${call.tool}.`);
  const args = tool.parameters.safeParse(call.arguments);
  if (!args.success) return refusal(`The arguments do not fit: ${describeIssues(args.error)}`);
  if (run.toolTime.isOver) return refusal(toolTimeIsOver(options));
  const span = tracer().startSpan("trueline.tool", { attributes: { "trueline.tool": call.tool } });
  const startedAt = options.clock.monotonic();
  const outcome = await context.with(trace.setSpan(context.active(), span), () =>
    callTool(run, options, tool, call.callId, args.data),
  );
  if (!outcome.ok) span.setStatus({ code: SpanStatusCode.ERROR });
  span.end();
  const durationMs = Math.round((options.clock.monotonic() - startedAt) * 10) / 10;
  return { ...outcome, durationMs: Math.max(0, durationMs) };
}

const toolTimeIsOver = ({ limits }: RunsOptions): string =>
  `The limit runToolTimeMs is ${limits.runToolTimeMs} ms for all tool calls of a run, and it is used up.`;

const refusal = (result: string): ToolOutcome => ({ ok: false, result, durationMs: 0 });

/** Does not wait for a tool that ignores its signal. */
function callTool(
  run: LiveRun,
  options: RunsOptions,
  tool: Tool,
  callId: string,
  args: unknown,
): Promise<{ ok: boolean; result: string }> {
  const limitMs = tool.timeoutMs ?? options.limits.toolTimeoutMs;
  const abort = new AbortController();
  const { promise, resolve } = Promise.withResolvers<{ ok: boolean; result: string }>();
  const giveUp = (result: string) => {
    resolve({ ok: false, result });
    abort.abort(new DOMException(result, "AbortError"));
  };
  const timer = setTimeout(() => giveUp(`The tool took longer than ${limitMs} ms and was stopped.`), limitMs);
  const endToolTime = run.toolTime.begin(() => giveUp(toolTimeIsOver(options)));
  const runOnAbort = () => giveUp("The run was stopped.");
  run.signal.addEventListener("abort", runOnAbort);
  const { searchMessages: search } = searchMessages(run, options);
  const toolContext: ToolContext = {
    callId,
    runId: run.id,
    threadId: run.threadId,
    signal: abort.signal,
    searchMessages: search,
  };
  invoke(tool, args, toolContext).then(resolve);
  return promise.finally(() => {
    clearTimeout(timer);
    endToolTime();
    run.signal.removeEventListener("abort", runOnAbort);
  });
}

async function invoke(
  tool: Tool,
  args: unknown,
  toolContext: ToolContext,
): Promise<{ ok: boolean; result: string }> {
  try {
    // `args` went through the tool's own schema.
    const result: unknown = await tool.execute(args as never, toolContext);
    if (typeof result === "string") return { ok: true, result };
    return { ok: false, result: "The tool gave a result that is not text." };
  } catch (error) {
    return { ok: false, result: error instanceof Error ? error.message : String(error) };
  }
}
