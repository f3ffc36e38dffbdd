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
  /** `resumed`: it was broken off in the middle, by a crash say, and went on. */
  | { readonly kind: "text"; readonly text: string; readonly resumed: boolean };

/**
 * A step that gave text and called no tool is the last one, unless it was interrupted or another message joined the run
 * (`steered`). So when text goes on in a later step without either, it is one answer, not two.
 */
export function stretchesOf(parts: readonly RunPart[], steered: boolean): readonly Stretch[] {
  const stretches: Stretch[] = [];
  for (const part of parts) {
    const last = stretches.at(-1);
    const before = stretches.at(-2);
    if (part.kind !== "text") {
      if (last?.kind === "steps") stretches.pop();
      stretches.push({ kind: "steps", parts: last?.kind === "steps" ? [...last.parts, part] : [part] });
    } else if (
      !steered &&
      last?.kind === "steps" &&
      before?.kind === "text" &&
      isNewStep(last, stretches.at(-3))
    ) {
      stretches.splice(-2, 2, { kind: "text", text: before.text + part.text, resumed: true });
    } else stretches.push({ kind: "text", text: part.text, resumed: false });
  }
  return stretches;
}

type StepsStretch = Extract<Stretch, { kind: "steps" }>;

/** Nothing but thoughts, and not those of the step that the text before them is from. */
function isNewStep({ parts }: StepsStretch, earlier: Stretch | undefined): boolean {
  const known =
    earlier?.kind === "steps" ? earlier.parts.findLast((part) => part.kind === "thinking") : undefined;
  return parts.every((part) => part.kind === "thinking" && part.step > (known?.step ?? 1));
}
