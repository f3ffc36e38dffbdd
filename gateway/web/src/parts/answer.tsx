/** The agent's half of a turn: its steps and answer as they come, and how the run ended. */
import type { ConversationRun } from "@trueline/client";
import { memo } from "react";
import { formatCount, formatDuration } from "../format.ts";
import { stretchesOf, type Turn } from "../turns.ts";
import { CopyButton } from "./copy-button.tsx";
import { Markdown } from "./markdown.tsx";
import { type Ended, RunEnding } from "./run-ending.tsx";
import { Steps } from "./steps.tsx";

interface AnswerProps {
  readonly turn: Turn;
  /** Sends the question again, as a new message. */
  readonly onRetry: (text: string) => void;
}

/** Turns are made anew with each event; only what stands in them says whether this one changed. */
const isSame = (before: AnswerProps, after: AnswerProps): boolean =>
  before.turn.run === after.turn.run &&
  before.turn.answered === after.turn.answered &&
  before.turn.asked.length === after.turn.asked.length &&
  before.onRetry === after.onRetry;

export const Answer = memo(({ turn, onRetry }: AnswerProps) => {
  const { run, answered } = turn;
  const ended = endedOf(turn);
  const text = answered?.text ?? run?.text ?? "";
  return (
    <section className="answer" aria-label={`Answer${run?.agent === undefined ? "" : ` of ${run.agent}`}`}>
      {run === undefined || run.parts.length === 0 ? (
        <Whole text={text} waiting={run?.state === "running"} />
      ) : (
        <Progress run={run} steered={turn.asked.length > 1} />
      )}
      {ended === undefined ? null : <Ending ended={ended} turn={turn} onRetry={onRetry} />}
      {answered === undefined ? null : <Foot text={text} run={run} />}
    </section>
  );
}, isSame);

/** The message alone says it on a page that did not see the run ending. Why it failed comes a moment later, or was long ago. */
function endedOf({ run, answered }: Turn): Ended | undefined {
  const state = run?.state === "failed" || run?.state === "cancelled" ? run.state : answered?.cutOff;
  if (state === "failed") return { state, partial: answered !== undefined, failure: run?.failure };
  return state && { state };
}

/** An answer of which only the text is known: it was there before this page was opened. */
function Whole({ text, waiting }: { readonly text: string; readonly waiting: boolean }) {
  if (text !== "") return <Markdown text={text} streaming={waiting} />;
  return waiting ? <p className="starting">Starting…</p> : null;
}

function Progress({ run, steered }: { readonly run: ConversationRun; readonly steered: boolean }) {
  const stretches = stretchesOf(run.parts, steered);
  const running = run.state === "running";
  return stretches.map((stretch, index) => {
    const live = running && index === stretches.length - 1;
    // Stretches only ever come at the end.
    return stretch.kind === "steps" ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: see above
      <Steps key={index} parts={stretch.parts} run={run} live={live} />
    ) : (
      // biome-ignore lint/suspicious/noArrayIndexKey: see above
      <div key={index} className={live ? "writing" : undefined}>
        <Markdown text={stretch.text} streaming={live} />
        {stretch.resumed ? <p className="said-note">Interrupted for a moment, then went on</p> : null}
      </div>
    );
  });
}

function Ending({ ended, turn, onRetry }: { ended: Ended; turn: Turn; onRetry: (text: string) => void }) {
  const question = turn.asked[0]?.text;
  return <RunEnding ended={ended} onRetry={question === undefined ? undefined : () => onRetry(question)} />;
}

function Foot({ text, run }: { readonly text: string; readonly run: ConversationRun | undefined }) {
  const facts = [
    run?.agent,
    run?.durationMs === undefined ? undefined : formatDuration(run.durationMs),
    run?.usage === undefined || run.usage.inputTokens + run.usage.outputTokens === 0
      ? undefined
      : `${formatCount(run.usage.inputTokens + run.usage.outputTokens)} tokens`,
  ].filter((fact) => fact !== undefined);
  return (
    <footer className="answer-foot">
      <CopyButton text={text} label="Copy answer" />
      {facts.length === 0 ? null : <span>{facts.join(" · ")}</span>}
    </footer>
  );
}
