/**
 * What a gateway knows of one user: the event log, and beside it threads, messages and open runs as a snapshot shows them.
 * Written without the client's reducer, so that the two can be held against each other.
 */
import type {
  EventData,
  EventType,
  LogEvent,
  MessageView,
  OpenRunView,
  Position,
  RunView,
  ThreadListResponse,
  ThreadResponse,
  ThreadView,
} from "@trueline/protocol";
import { isTerminal } from "@trueline/protocol";

interface Thread {
  view: ThreadView;
  messages: MessageView[];
  openRuns: Map<string, OpenRunView>;
}

export class UserModel {
  epoch = "e1";
  readonly events: LogEvent[] = [];
  readonly threads = new Map<string, Thread>();
  readonly ended = new Map<string, RunView>();
  readonly #listeners = new Set<(events: readonly LogEvent[]) => void>();

  get position(): Position {
    return { epoch: this.epoch, seq: this.events.length };
  }

  /** One event each; given to listeners together, as a gateway gives what it gathered. */
  append(...drafts: readonly Draft[]): void {
    const added = drafts.map((draft) => {
      const seq = this.events.length + 1;
      const event = { ...draft, seq, at: new Date(1.8e12 + seq).toISOString() } as LogEvent;
      this.events.push(event);
      this.#apply(event);
      return event;
    });
    for (const listener of [...this.#listeners]) listener(added);
  }

  onAppend(listener: (events: readonly LogEvent[]) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  after(seq: number): readonly LogEvent[] {
    return this.events.slice(seq);
  }

  list(): ThreadListResponse {
    return structuredClone({
      threads: [...this.threads.values()].map(({ view }) => view),
      position: this.position,
    });
  }

  thread(id: string): ThreadResponse | undefined {
    const thread = this.threads.get(id);
    if (!thread) return undefined;
    const { view, messages, openRuns } = thread;
    return structuredClone({ ...view, messages, openRuns: [...openRuns.values()], position: this.position });
  }

  #apply(event: LogEvent): void {
    if (event.type === "thread_created") {
      const { threadId: id, at } = event;
      const view = { id, title: event.data.title, createdAt: at, updatedAt: at };
      this.threads.set(id, { view, messages: [], openRuns: new Map() });
      return;
    }
    if (event.type === "thread_deleted") this.threads.delete(event.threadId);
    const thread = this.threads.get(event.threadId);
    if (!thread) return;
    if (event.type === "thread_renamed") {
      thread.view = { ...thread.view, title: event.data.title, updatedAt: event.at };
    } else if (event.type === "message_accepted") this.#accept(thread, event);
    else this.#advance(thread, event);
  }

  #accept(thread: Thread, { at, runId, threadId, data }: LogEvent<"message_accepted">): void {
    const { id: clientId, messageId, text, disposition } = data;
    thread.view = { ...thread.view, updatedAt: at };
    thread.messages.push({ id: messageId, role: "user", text, createdAt: at, runId, clientId });
    if (disposition === "steering") return;
    const state = disposition === "queued" ? "queued" : "running";
    const run = {
      id: runId,
      threadId,
      messageId,
      agent: "a",
      state,
      createdAt: at,
      text: "",
      step: 0,
    } as const;
    thread.openRuns.set(runId, { ...run, toolCalls: [] });
  }

  #advance(thread: Thread, event: LogEvent): void {
    const run = thread.openRuns.get(event.runId ?? "");
    if (!run) return;
    if (event.type === "agent_started") run.state = "running";
    if (event.type === "agent_thinking") run.step = event.data.step;
    if (event.type === "text_delta") run.text += event.data.text;
    if (event.type === "tool_executing") run.toolCalls.push({ ...event.data });
    if (event.type === "tool_completed") {
      const { callId, ok, preview, durationMs } = event.data;
      const call = run.toolCalls.find((one) => one.callId === callId);
      if (call) call.result = { ok, preview, durationMs };
    }
    if (!isTerminal(event.type)) return;
    thread.openRuns.delete(run.id);
    const { text: _, step: __, toolCalls: ___, ...view } = run;
    const state =
      event.type === "agent_completed" ? "completed" : event.type === "agent_failed" ? "failed" : "cancelled";
    this.ended.set(run.id, { ...view, state, endedAt: event.at, ...failureOf(event) });
    const answer = event.type === "agent_completed" ? event.data : partialOf(event);
    if (!answer) return;
    const { messageId: id, text } = answer;
    const cutOff = state === "completed" ? {} : ({ cutOff: state } as const);
    thread.messages.push({ id, role: "agent", text, createdAt: event.at, runId: run.id, ...cutOff });
  }
}

const partialOf = (event: LogEvent) =>
  event.type === "agent_failed" || event.type === "agent_cancelled" ? event.data.partial : undefined;

function failureOf(event: LogEvent): Pick<RunView, "failure"> {
  if (event.type !== "agent_failed") return {};
  const { code, message, retryable } = event.data;
  return { failure: { code, message, retryable } };
}

export type Draft = {
  [Type in EventType]: { type: Type; threadId: string; runId: string | null; data: EventData<Type> };
}[EventType];

/** Neighbouring deltas of a run as one, wherever `joins` says so. */
export function merged(events: readonly LogEvent[], joins: (seq: number) => boolean): LogEvent[] {
  const result: LogEvent[] = [];
  for (const event of events) {
    const last = result.at(-1);
    if (
      last?.type === "text_delta" &&
      event.type === "text_delta" &&
      last.runId === event.runId &&
      joins(event.seq)
    ) {
      const firstSeq = last.firstSeq ?? last.seq;
      result[result.length - 1] = { ...event, firstSeq, data: { text: last.data.text + event.data.text } };
    } else result.push(event);
  }
  return result;
}

/** What a whole run of a short answer is, from its message on. */
export function runOf(
  ids: { threadId: string; runId: string; messageId: string; id: string },
  text: string,
): Draft[] {
  const { threadId, runId, messageId, id } = ids;
  const words = `You said: ${text}`.match(/\S+\s*/g) ?? [];
  const of = { threadId, runId };
  return [
    { type: "message_accepted", ...of, data: { id, messageId, text, disposition: "started" } },
    { type: "agent_started", ...of, data: { agent: "a", model: "m", description: "" } },
    { type: "agent_thinking", ...of, data: { step: 1, text: "" } },
    ...words.map((word): Draft => ({ type: "text_delta", ...of, data: { text: word } })),
    {
      type: "agent_completed",
      ...of,
      data: {
        messageId: `${runId}-answer`,
        text: words.join(""),
        usage: { inputTokens: 1, outputTokens: words.length },
        durationMs: 1,
      },
    },
  ];
}
