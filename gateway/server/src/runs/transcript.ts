/**
 * What a run's model has been told and has said, entry by entry, each durable before it counts (RN3).
 * Owns the order of the entries; never shows anything to a user. Called by the steps, the tools and the takeover.
 */
import type { MessageId, RunId } from "@trueline/kit";
import type { Usage } from "@trueline/protocol";
import type { ToolCall, TranscriptEntry } from "../ports/model.ts";
import type { MessageRow, UserRecords } from "../ports/records.ts";
import { stored } from "./stop.ts";

type AgentEntry = Extract<TranscriptEntry, { role: "agent" }>;

export class Transcript {
  readonly #records: UserRecords;
  readonly #runId: RunId;
  #entries: TranscriptEntry[] = [];
  #last: Promise<void> = Promise.resolve();

  constructor(records: UserRecords, runId: RunId) {
    this.#records = records;
    this.#runId = runId;
  }

  get entries(): readonly TranscriptEntry[] {
    return this.#entries;
  }

  async load(): Promise<void> {
    const rows = await stored(() => this.#records.readTranscript(this.#runId));
    this.#entries = rows.map((row) => row.entry);
  }

  /** The checkpoint. One at a time, so that no entry becomes durable before the one it follows. */
  append(entry: TranscriptEntry, usage?: Usage): Promise<void> {
    const write = async () => {
      const row = { index: this.#entries.length, entry };
      await stored(() => this.#records.checkpoint(this.#runId, row, usage));
      this.#entries.push(entry);
    };
    // After a failure the run stops, and whoever waits for a later entry learns it from its own attempt.
    this.#last = this.#last.then(write, write);
    return this.#last;
  }

  /** Everything the agent said in this run. */
  get text(): string {
    return this.#agentEntries.map((entry) => entry.text).join("");
  }

  /** Model calls so far. */
  get steps(): number {
    return this.#agentEntries.length;
  }

  /** Messages that joined the run after its first. */
  get steered(): number {
    return this.#entries.filter((entry) => entry.role === "user").length;
  }

  /** Every tool call of the run. */
  get calls(): readonly ToolCall[] {
    return this.#agentEntries.flatMap((entry) => entry.toolCalls);
  }

  /** Calls that the model asked for and got no result of yet. Only the newest step can have any. */
  get unanswered(): readonly ToolCall[] {
    const results = new Set(this.#entries.flatMap((entry) => (entry.role === "tool" ? [entry.callId] : [])));
    return (this.#agentEntries.at(-1)?.toolCalls ?? []).filter((call) => !results.has(call.callId));
  }

  /** Whether the model has said its last word, so far. */
  get answered(): boolean {
    const last = this.#entries.at(-1);
    return last?.role === "agent" && last.toolCalls.length === 0 && last.interrupted !== true;
  }

  get #agentEntries(): readonly AgentEntry[] {
    return this.#entries.filter((entry) => entry.role === "agent");
  }
}

/**
 * The thread before this run, as its model is to see it, and the message that it answers. Each answer stands after its
 * question, though messages that had to wait were recorded before the answers they waited for; what waits still is left out.
 */
export function conversation(messages: readonly MessageRow[], messageId: MessageId): TranscriptEntry[] {
  const own = messages.findIndex((message) => message.id === messageId);
  const earlierRuns = new Set(messages.slice(0, own).map((message) => message.runId));
  const turns = [...earlierRuns].flatMap((runId) => [
    ...messages.filter((message) => message.runId === runId && message.role === "user"),
    ...messages.filter((message) => message.runId === runId && message.role === "agent"),
  ]);
  return [...turns, ...messages.slice(own, own + 1)].map(entryOf);
}

function entryOf(message: MessageRow): TranscriptEntry {
  if (message.role === "user") return { role: "user", text: message.text };
  return { role: "agent", text: message.text, toolCalls: [] };
}
