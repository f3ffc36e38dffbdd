/**
 * Messages and runs as a person reads them: one turn per run, with what was asked, what the agent did and answered.
 * A message that was queued before the answer to an earlier one stands after that answer. Pure.
 */
import type { ConversationRun, MessageView, RunPart, ThreadContent } from "@trueline/client";
import type { StepPart } from "./parts/steps.tsx";

export interface Turn {
  readonly runId: string;
  /** What the user wrote: the message that started the run, then those that steered it. */
  readonly asked: readonly MessageView[];
  /** The agent's message, once the run ended: the answer, or what was shown of it. */
  readonly answered: MessageView | undefined;
  /** Known while it is open, if this page saw it ending, and where it ended without a whole answer. */
  readonly run: ConversationRun | undefined;
}

export function turnsOf(content: ThreadContent): readonly Turn[] {
  const byRun = Map.groupBy(content.messages, (message) => message.runId);
  const runs = new Map(content.runs.map((run) => [run.id, run]));
  return [...byRun].map(([runId, messages]) => ({
    runId,
    asked: messages.filter((message) => message.role === "user"),
    answered: messages.find((message) => message.role === "agent"),
    run: runs.get(runId),
  }));
}

export const isQueued = (turn: Turn): boolean => turn.run?.state === "queued";

/** The run that an answer is being written by. */
export const activeRun = (turns: readonly Turn[]): ConversationRun | undefined =>
  turns.find((turn) => turn.run?.state === "running")?.run;

/** A stretch of a run: steps that follow one another, or a piece of the answer. */
export type Stretch =
  | { readonly kind: "steps"; readonly parts: readonly StepPart[] }
  | { readonly kind: "text"; readonly text: string };

export function stretchesOf(parts: readonly RunPart[]): readonly Stretch[] {
  const stretches: Stretch[] = [];
  for (const part of parts) {
    const last = stretches.at(-1);
    if (part.kind === "text") stretches.push({ kind: "text", text: part.text });
    else if (last?.kind === "steps") {
      stretches[stretches.length - 1] = { kind: "steps", parts: [...last.parts, part] };
    } else stretches.push({ kind: "steps", parts: [part] });
  }
  return stretches;
}
