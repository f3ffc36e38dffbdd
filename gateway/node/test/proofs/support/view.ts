/**
 * What one device saw, event by event, judged by EV2, EV3 and RS1 and by the script of each message. Written from the
 * rules, and not with the engine's own checks: those are what is judged.
 */
import { isTerminal, type LogEvent } from "@trueline/protocol";
import type { Ledger } from "./ledger.ts";
import { answerOf, onceTool } from "./scripted-agent.ts";

interface RunSeen {
  readonly messageId: string;
  readonly threadId: string;
  readonly answer: string;
  text: string;
  state: "accepted" | "started" | "ended";
  readonly calls: Map<string, { readonly tool: string; open: boolean }>;
}

export interface ExecutedCall {
  readonly runId: string;
  readonly callId: string;
}

export class View {
  readonly name: string;
  readonly #ledger: Ledger;
  /** Of the last event. */
  seq = 0;
  readonly runs = new Map<string, RunSeen>();
  /** Client ids of the messages that were shown. */
  readonly #accepted = new Set<string>();
  /** Calls of the tool that may not be repeated: those that were said to have gone well, and all. */
  readonly succeeded: ExecutedCall[] = [];
  readonly executed = new Set<string>();

  constructor(ledger: Ledger, name: string) {
    this.#ledger = ledger;
    this.name = name;
  }

  take(event: LogEvent): void {
    const first = event.firstSeq ?? event.seq;
    if (first !== this.seq + 1) this.#fault(event, `came after seq ${this.seq}`);
    if (event.firstSeq !== undefined && event.type !== "text_delta") this.#fault(event, "has a range");
    this.seq = event.seq;
    if (event.type === "message_accepted") this.#accept(event);
    else if (event.runId !== null) this.#follow(event, event.runId);
    const text = event.runId === null ? "" : (this.runs.get(event.runId)?.text ?? "");
    this.#ledger.saw(event, text.length);
  }

  hasEnded(runId: string): boolean {
    return this.runs.get(runId)?.state === "ended";
  }

  #accept(event: LogEvent<"message_accepted">): void {
    const { id, messageId, text } = event.data;
    const message = this.#ledger.sent.get(id);
    if (message?.text !== text) this.#fault(event, "is not what was sent");
    if (this.#accepted.has(id)) this.#fault(event, "was shown twice");
    if (this.runs.has(event.runId)) this.#fault(event, "has the run of another message");
    if (message?.answer && message.answer.runId !== event.runId)
      this.#fault(event, "has another run than was said");
    this.#accepted.add(id);
    const { threadId } = event;
    const calls = new Map<string, { tool: string; open: boolean }>();
    this.runs.set(event.runId, {
      messageId,
      threadId,
      answer: answerOf(text),
      text: "",
      state: "accepted",
      calls,
    });
  }

  #follow(event: LogEvent, runId: string): void {
    const run = this.runs.get(runId);
    if (!run) {
      this.#fault(event, "is of a run whose message was not shown");
      return;
    }
    if (run.threadId !== event.threadId) this.#fault(event, "is in another thread");
    if (run.state === "ended") this.#fault(event, "came after the end of its run");
    if (event.type === "agent_started") {
      if (run.state !== "accepted") this.#fault(event, "came twice");
      run.state = "started";
      return;
    }
    // A run may be cancelled, or fail, while it waits.
    if (run.state === "accepted" && !isTerminal(event.type)) this.#fault(event, "came before agent_started");
    this.#followStarted(event, runId, run);
  }

  #followStarted(event: LogEvent, runId: string, run: RunSeen): void {
    switch (event.type) {
      case "text_delta":
        run.text += event.data.text;
        if (!run.answer.startsWith(run.text))
          this.#fault(event, `makes "${run.text.slice(-60)}", not the beginning of the answer`);
        break;
      case "tool_executing":
        if (run.calls.has(event.data.callId)) this.#fault(event, "came twice");
        run.calls.set(event.data.callId, { tool: event.data.tool, open: true });
        if (event.data.tool === onceTool) this.executed.add(`${runId} ${event.data.callId}`);
        break;
      case "tool_completed":
        this.#complete(event, runId, run);
        break;
      case "agent_completed":
        if (event.data.text !== run.answer || run.text !== run.answer)
          this.#fault(event, "is not the whole answer");
        this.#end(event, run);
        break;
      case "agent_cancelled":
        if (!this.#ledger.cancelled.has(runId)) this.#fault(event, "was not asked for");
        this.#end(event, run);
        break;
      case "agent_failed":
        this.#fault(event, `failed: ${event.data.code} ${event.data.message}`);
        this.#end(event, run);
        break;
      default:
    }
  }

  #complete(event: LogEvent<"tool_completed">, runId: string, run: RunSeen): void {
    const { callId, ok, tool } = event.data;
    const call = run.calls.get(callId);
    if (!call?.open || call.tool !== tool) this.#fault(event, "answers no open call");
    if (call) call.open = false;
    if (ok && tool === onceTool) this.succeeded.push({ runId, callId });
    const stopped = this.#ledger.cancelled.has(runId) || event.data.preview.includes("restarted");
    if (!ok && !(tool === onceTool && stopped) && !this.#ledger.cancelled.has(runId))
      this.#fault(event, `failed: ${event.data.preview}`);
  }

  #end(event: LogEvent, run: RunSeen): void {
    if ([...run.calls.values()].some(({ open }) => open)) this.#fault(event, "left a tool call open");
    run.state = "ended";
  }

  #fault(event: LogEvent, what: string): void {
    this.#ledger.fault(`${this.name}: ${event.type} ${event.seq} of ${event.runId} ${what}`);
  }
}
