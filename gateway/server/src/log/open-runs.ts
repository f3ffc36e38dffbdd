/** What the log says of runs that have not ended: the text and tool calls so far, true at the log's position. For snapshots. */
import type { LogEvent, ToolCallView } from "@trueline/protocol";
import { isTerminal } from "@trueline/protocol";

export interface OpenRun {
  /** Ids of the user's messages that the log has announced for it. */
  readonly messages: Set<string>;
  text: string;
  step: number;
  readonly toolCalls: Map<string, ToolCallView>;
}

export class OpenRuns {
  /** Undefined while there is none, as with most users. */
  #runs: Map<string, OpenRun> | undefined;

  get(runId: string): OpenRun | undefined {
    return this.#runs?.get(runId);
  }

  /** Deltas are the bulk: they come without being parsed into an event. */
  applyDelta(runId: string, text: string): void {
    const run = this.#runs?.get(runId);
    if (run) run.text += text;
  }

  apply(event: LogEvent): void {
    if (event.runId === null) return;
    if (isTerminal(event.type)) {
      this.#runs?.delete(event.runId);
      if (this.#runs?.size === 0) this.#runs = undefined;
      return;
    }
    this.#runs ??= new Map();
    let run = this.#runs.get(event.runId);
    if (!run) {
      run = { messages: new Set(), text: "", step: 0, toolCalls: new Map() };
      this.#runs.set(event.runId, run);
    }
    applyToRun(run, event);
  }
}

function applyToRun(run: OpenRun, event: LogEvent): void {
  switch (event.type) {
    case "message_accepted":
      run.messages.add(event.data.messageId);
      break;
    case "agent_thinking":
      run.step = event.data.step;
      break;
    case "text_delta":
      run.text += event.data.text;
      break;
    case "tool_executing":
      run.toolCalls.set(event.data.callId, event.data);
      break;
    case "tool_completed": {
      const { callId, ok, preview, durationMs } = event.data;
      const call = run.toolCalls.get(callId);
      if (call) run.toolCalls.set(callId, { ...call, result: { ok, preview, durationMs } });
      break;
    }
    default:
  }
}
