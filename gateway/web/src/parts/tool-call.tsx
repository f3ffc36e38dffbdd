/** One tool call on the line of a run: what for, which tool, and folded away its arguments and its result. */
import type { ToolCallView } from "@trueline/client";
import { formatDuration } from "../format.ts";

interface ToolCallProps {
  readonly call: ToolCallView;
  /** Whether its run goes on: a call without a result in an ended run was cut off. */
  readonly live: boolean;
}

export function ToolCall({ call, live }: ToolCallProps) {
  const state = stateOf(call, live);
  return (
    <li className={`point tool ${state.mark}`}>
      <details>
        <summary>
          <span className="tool-purpose">{call.purpose || call.tool}</span>
          <code className="tool-name">{shortForm(call)}</code>
          <span className={`tool-state ${state.mark}`}>{state.label}</span>
        </summary>
        <div className="tool-body">
          <div>
            <h4>Arguments</h4>
            <pre>{JSON.stringify(call.arguments, null, 2)}</pre>
          </div>
          {call.result === undefined ? null : (
            <div>
              <h4>{call.result.ok ? "Result" : "Why it failed"}</h4>
              <pre>{call.result.preview === "" ? "(empty)" : call.result.preview}</pre>
            </div>
          )}
        </div>
      </details>
    </li>
  );
}

const longestShortForm = 48;

/** `current_time(Tokyo)` where the arguments are few and short, else the name alone. */
function shortForm({ tool, arguments: given }: ToolCallView): string {
  const values = Object.values(given);
  if (!values.every((value) => typeof value === "string" || typeof value === "number")) return tool;
  const list = values.join(", ");
  return list === "" || list.length > longestShortForm ? tool : `${tool}(${list})`;
}

function stateOf(call: ToolCallView, live: boolean): { readonly mark: string; readonly label: string } {
  if (call.result === undefined) {
    return live ? { mark: "live", label: "running…" } : { mark: "", label: "cut off" };
  }
  const took = formatDuration(call.result.durationMs);
  return call.result.ok ? { mark: "ok", label: took } : { mark: "error", label: `failed · ${took}` };
}
