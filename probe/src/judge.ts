/**
 * The judgement on what came: the order of the log (EV3) and the contract of one run (EV2). Each gives the first breach as
 * a sentence, or undefined. Pure; it knows nothing of sockets and trusts no client library, which would hide a double.
 */
import type { Item, WireEvent } from "./received.ts";

const terminalTypes: readonly string[] = ["agent_completed", "agent_failed", "agent_cancelled"];
const betweenTypes: readonly string[] = ["agent_thinking", "text_delta", "tool_executing", "tool_completed"];

export const isTerminal = ({ type }: WireEvent): boolean => terminalTypes.includes(type);

/** Of everything that a socket received after its `welcome`: no gap, no double, no swap, from `after` on. */
export function breachOfOrder(items: readonly Item[], after: number): string | undefined {
  let seen = after;
  for (const item of items) {
    if (item.kind === "garbage") return item.why;
    if (item.kind === "control") {
      if (item.frame.type === "reset") return `reset (${item.frame.reason}): the place in the log was lost`;
      continue;
    }
    const breach = breachAt(item.event, seen + 1);
    if (breach !== undefined) return breach;
    seen = item.event.seq;
  }
  return undefined;
}

function breachAt({ type, seq, firstSeq }: WireEvent, due: number): string | undefined {
  const first = firstSeq ?? seq;
  const name = first === seq ? `event ${seq} (${type})` : `events ${first} to ${seq} (${type})`;
  if (first > seq) return `${name} cover a range that runs backwards`;
  if (first < seq && type !== "text_delta") return `${name} cover a range, which only deltas may`;
  if (first > due) return `${name} came where ${due} was due: ${missing(due, first - 1)} missing or late`;
  if (first < due) return `${name} came where ${due} was due: it came before, or late`;
  return undefined;
}

const missing = (from: number, to: number): string => (from === to ? `${from} is` : `${from} to ${to} are`);

/** `events`: all of the run, as they came. Of a run that has not ended, as far as it has come. */
export function breachOfRun(events: readonly WireEvent[]): string | undefined {
  const [first] = events;
  const judged = new RunJudge();
  for (const event of events) {
    if (event.threadId !== first?.threadId)
      return `${event.type} ${event.seq} names another thread than its run`;
    const breach = judged.take(event);
    if (breach !== undefined) return breach;
  }
  return undefined;
}

class RunJudge {
  #state: "accepted" | "running" | "ended" = "accepted";
  #text = "";
  /** Call ids that were executed, and whether they were answered. */
  readonly #calls = new Map<string, "open" | "answered">();

  take(event: WireEvent): string | undefined {
    const { type, seq, data } = event;
    if (this.#state === "ended") return `${type} ${seq} came after the end of its run`;
    if (type === "message_accepted") return undefined;
    if (type === "agent_started") {
      if (this.#state === "running") return `agent_started ${seq} came a second time`;
      this.#state = "running";
      return undefined;
    }
    if (isTerminal(event)) return this.#end(type, data);
    if (this.#state === "accepted") return `${type} ${seq} came before agent_started`;
    if (!betweenTypes.includes(type)) return `${type} ${seq} is no event of a run`;
    if (type === "text_delta") return this.#delta(seq, data);
    return type === "tool_executing" || type === "tool_completed" ? this.#call(event) : undefined;
  }

  #delta(seq: number, { text }: WireEvent["data"]): string | undefined {
    if (typeof text !== "string") return `text_delta ${seq} has no text`;
    this.#text += text;
    return undefined;
  }

  #call({ type, seq, data }: WireEvent): string | undefined {
    const id = data.callId;
    if (typeof id !== "string") return `${type} ${seq} has no call id`;
    const state = this.#calls.get(id);
    if (type === "tool_executing") {
      if (state !== undefined) return `tool_executing ${seq} uses call id ${id} again`;
      this.#calls.set(id, "open");
      return undefined;
    }
    if (state !== "open") return `tool_completed ${seq} answers no tool_executing (call id ${id})`;
    this.#calls.set(id, "answered");
    return undefined;
  }

  #end(type: string, { text }: WireEvent["data"]): string | undefined {
    const started = this.#state === "running";
    this.#state = "ended";
    if (type === "agent_cancelled") return undefined;
    if (!started) return `${type} came before agent_started`;
    if (type === "agent_failed") return undefined;
    const open = [...this.#calls].find(([, state]) => state === "open");
    if (open) return `agent_completed came while tool call ${open[0]} was not answered`;
    if (text !== this.#text) return "the answer is not what its text_deltas come to";
    return undefined;
  }
}
