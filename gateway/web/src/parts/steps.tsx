/**
 * What a run did between two pieces of its answer, drawn as points along one line. Open while it happens, folded once
 * the answer goes on, unless the person folded or unfolded it.
 */
import type { ConversationRun, RunPart, ToolCallView } from "@trueline/client";
import { useState } from "react";
import { plural } from "../format.ts";
import { Icon } from "./icon.tsx";
import { ToolCall } from "./tool-call.tsx";

export type StepPart = Exclude<RunPart, { kind: "text" }>;

interface StepsProps {
  readonly parts: readonly StepPart[];
  readonly run: ConversationRun;
  /** Whether this is where the run is now. */
  readonly live: boolean;
}

export function Steps({ parts, run, live }: StepsProps) {
  const [chosen, setChosen] = useState<boolean | undefined>(undefined);
  const open = chosen ?? live;
  const points = parts.filter((part, index) => isShown(part, live && index === parts.length - 1));
  if (points.length === 0) return null;
  return (
    <details className="steps" open={open} onToggle={(event) => detailsOnToggle(event.currentTarget.open)}>
      <summary>
        <Icon name="chevron" size={14} />
        <span className={live ? "live" : ""}>{summarise(parts, run.toolCalls, live)}</span>
      </summary>
      <ol className="line">
        {points.map((part, index) => (
          // Points only ever come at the end.
          // biome-ignore lint/suspicious/noArrayIndexKey: see above
          <Point key={index} part={part} run={run} live={live && index === points.length - 1} />
        ))}
      </ol>
    </details>
  );

  /** Comes after a change of `open` too; only one that differs was the person's. */
  function detailsOnToggle(shown: boolean): void {
    if (shown !== open) setChosen(shown);
  }
}

function Point({ part, run, live }: { part: StepPart; run: ConversationRun; live: boolean }) {
  if (part.kind === "tool") {
    const call = run.toolCalls.find((candidate) => candidate.callId === part.callId);
    return call === undefined ? null : <ToolCall call={call} live={run.state === "running"} />;
  }
  return (
    <li className={`point ${live ? "live" : ""}`}>
      <p>{part.text === "" ? "Thinking…" : part.text}</p>
    </li>
  );
}

/** A step without words is worth a point only while it lasts. */
const isShown = (part: StepPart, last: boolean): boolean => part.kind === "tool" || part.text !== "" || last;

function summarise(parts: readonly StepPart[], calls: readonly ToolCallView[], live: boolean): string {
  const last = parts.at(-1);
  const byId = (id: string) => calls.find((call) => call.callId === id);
  if (live) {
    const current = last?.kind === "tool" ? byId(last.callId) : undefined;
    return current !== undefined && current.result === undefined ? `Using ${current.tool}…` : "Thinking…";
  }
  const used = parts.flatMap((part) => (part.kind === "tool" ? (byId(part.callId) ?? []) : []));
  if (used.length === 0) return "Thought about it";
  const failed = used.filter((call) => call.result?.ok === false).length;
  const names = [...new Set(used.map((call) => call.tool))];
  const what = names.length <= 2 ? names.join(" and ") : plural(used.length, "tool");
  return `Used ${what}${failed > 0 ? `, ${failed} failed` : ""}`;
}
