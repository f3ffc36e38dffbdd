/**
 * Holds the state of a client's conversations and keeps it true: feeds events to the reducer and loads a snapshot wherever the
 * state says that it is behind. What pages and hooks read; knows nothing of React.
 */
import { type LogEvent, type MessageView, TruelineError } from "@trueline/protocol/wire";
import { Backoff } from "../backoff.ts";
import { asError } from "../errors.ts";
import type { Client, ConnectionState } from "../types.ts";
import { type ConversationAction, emptyConversation, reduce } from "./reduce.ts";
import type { ConversationState, ThreadContent } from "./types.ts";

export interface Conversations {
  readonly state: ConversationState;
  /** Why the newest snapshot of a thread (or, undefined, of the list) did not come. It is tried again. */
  failure(threadId?: string): Error | undefined;
  /** Called after the state changed; once for all that one frame brought. */
  subscribe(listener: () => void): () => void;
  /** Follows the list of threads until the function that it gives is called. */
  followList(): () => void;
  /** Follows a thread with its messages and runs until the function that it gives is called. */
  followThread(id: string): () => void;
}

/** Milliseconds that a thread that nobody looks at any more stays loaded: people go back and forth. */
const lingerMs = 10_000;
/** Runs without an answer that are asked for how they ended, newest first. */
const maxOutcomes = 10;

/** Of a client there is one, which lives as long as the client. */
export function conversationsOf(client: Client): Conversations {
  const known = followers.get(client) ?? new Follower(client);
  followers.set(client, known);
  return known;
}

const followers = new WeakMap<Client, Follower>();

/** One thing that snapshots are loaded for: a thread, or (undefined) the list. */
interface Subject {
  followers: number;
  loading: boolean;
  /** The snapshot is there; how some of its runs ended is still to be asked. */
  outcomesDue: boolean;
  readonly backoff: Backoff;
  retry: ReturnType<typeof setTimeout> | undefined;
  linger: ReturnType<typeof setTimeout> | undefined;
  failure: Error | undefined;
}

class Follower implements Conversations {
  readonly #client: Client;
  readonly #listeners = new Set<() => void>();
  readonly #subjects = new Map<string | undefined, Subject>();
  #notifying = false;
  state: ConversationState = emptyConversation;

  constructor(client: Client) {
    this.#client = client;
    client.on("event", (event) => {
      if (!this.state.position) this.#goOnFromPosition();
      this.#dispatch({ type: "event", event });
      if (event.type === "thread_created") this.#expect(event);
    });
    client.on("reset", ({ position }) => this.#dispatch({ type: "discontinued", position }));
    client.on("user", () => this.#clientOnUser());
    client.on("state", ({ state }) => this.#clientOnState(state));
    this.#goOnFromPosition();
  }

  failure(threadId?: string): Error | undefined {
    return this.#subjects.get(threadId)?.failure;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  followList(): () => void {
    return this.#follow(undefined);
  }

  followThread(id: string): () => void {
    return this.#follow(id);
  }

  #follow(id: string | undefined): () => void {
    const subject = this.#subjects.get(id) ?? newSubject();
    this.#subjects.set(id, subject);
    subject.followers++;
    clearTimeout(subject.linger);
    this.#dispatch({ type: "opened", threadId: id });
    this.#load(id);
    let following = true;
    return () => {
      if (!following) return;
      following = false;
      subject.followers--;
      if (subject.followers === 0) subject.linger = setTimeout(() => this.#forget(id), lingerMs);
    };
  }

  /**
   * A thread that is made now is whole from its first event on. Whoever opens it next, as a page does for the thread that its
   * first message made, sees all of its first run, also what no snapshot holds.
   */
  #expect({ threadId: id, seq, at, data: { title } }: LogEvent<"thread_created">): void {
    const { position, open } = this.state;
    if (position?.seq !== seq || open.has(id)) return;
    this.#dispatch({ type: "opened", threadId: id });
    const view = { id, title, createdAt: at, updatedAt: at };
    this.#dispatch({ type: "thread", thread: { ...view, messages: [], openRuns: [], position } });
    const subject = newSubject();
    this.#subjects.set(id, subject);
    subject.linger = setTimeout(() => this.#forget(id), lingerMs);
  }

  #forget(id: string | undefined): void {
    const subject = this.#subjects.get(id);
    clearTimeout(subject?.retry);
    clearTimeout(subject?.linger);
    this.#subjects.delete(id);
    this.#dispatch({ type: "closed", threadId: id });
  }

  #clientOnState(state: ConnectionState["state"]): void {
    if (state === "online") this.#loadAll();
    else if (state === "stopped") for (const { retry } of this.#subjects.values()) clearTimeout(retry);
  }

  /** The client may have a position already, after which events follow without another word. */
  #goOnFromPosition(): void {
    const { position } = this.#client;
    if (position) this.#dispatch({ type: "discontinued", position });
  }

  /** Nothing of one user is shown to another. */
  #clientOnUser(): void {
    this.#dispatch({ type: "forgotten" });
    this.#goOnFromPosition();
    for (const id of this.#subjects.keys()) this.#dispatch({ type: "opened", threadId: id });
    this.#loadAll();
  }

  #dispatch(action: ConversationAction): void {
    const next = reduce(this.state, action);
    if (next === this.state) return;
    this.state = next;
    this.#notify();
    if (action.type === "discontinued") this.#loadAll();
    else if (action.type === "event") this.#load(action.event.threadId);
  }

  /** Once for what one frame brought: listeners render. */
  #notify(): void {
    if (this.#notifying) return;
    this.#notifying = true;
    queueMicrotask(() => {
      this.#notifying = false;
      for (const listener of [...this.#listeners]) listener();
    });
  }

  #loadAll(): void {
    for (const id of this.#subjects.keys()) this.#load(id);
  }

  #isDue(id: string | undefined): boolean {
    return this.#isBehind(id) || this.#subjects.get(id)?.outcomesDue === true;
  }

  #isBehind(id: string | undefined): boolean {
    const part = id === undefined ? this.state.list : this.state.open.get(id);
    return part?.sync.state === "behind";
  }

  #load(id: string | undefined): void {
    const subject = this.#subjects.get(id);
    if (!subject || subject.loading || !this.#isDue(id) || this.#client.state.state === "signed_out") return;
    clearTimeout(subject.retry);
    subject.loading = true;
    const load = id === undefined ? this.#loadList() : this.#loadThread(id, subject);
    void load
      .then(
        () => undefined,
        (error: unknown) => asError(error),
      )
      .then((failure) => this.#subjectOnLoaded(id, subject, failure));
  }

  /** A snapshot that came too old, or cut a merged delta, leaves it behind: again, a little later. */
  #subjectOnLoaded(id: string | undefined, subject: Subject, failure: Error | undefined): void {
    subject.loading = false;
    if (subject.failure !== failure) this.#notify();
    subject.failure = failure;
    if (this.#subjects.get(id) !== subject) return;
    if (!this.#isDue(id)) {
      subject.backoff.succeeded();
      return;
    }
    subject.backoff.attempt();
    subject.retry = setTimeout(() => this.#load(id), subject.backoff.delay());
  }

  async #loadList(): Promise<void> {
    this.#dispatch({ type: "list", list: await this.#client.threads.list() });
  }

  async #loadThread(id: string, subject: Subject): Promise<void> {
    try {
      if (this.#isBehind(id)) this.#dispatch({ type: "thread", thread: await this.#client.threads.get(id) });
    } catch (error) {
      if (!(error instanceof TruelineError && error.code === "not_found")) throw error;
      this.#dispatch({ type: "missing", threadId: id });
      return;
    }
    const content = this.state.open.get(id)?.content;
    if (!content) return;
    subject.outcomesDue = true;
    await Promise.all(withoutOutcome(content).map((runId) => this.#loadOutcome(runId)));
    subject.outcomesDue = false;
  }

  async #loadOutcome(runId: string): Promise<void> {
    this.#dispatch({ type: "run", run: await this.#client.run(runId) });
  }
}

/**
 * A snapshot shows answers and open runs; what became of the other runs, and why an answer was cut off, is asked for one
 * by one. There are few.
 */
function withoutOutcome({ messages, runs }: ThreadContent): readonly string[] {
  const saysAll = ({ role, cutOff }: MessageView): boolean => role === "agent" && cutOff !== "failed";
  const answered = new Set(messages.flatMap((message) => (saysAll(message) ? [message.runId] : [])));
  const known = new Set(runs.map(({ id }) => id));
  const open = messages
    .filter(({ runId }) => !answered.has(runId) && !known.has(runId))
    .map(({ runId }) => runId);
  return [...new Set(open)].slice(-maxOutcomes);
}

const newSubject = (): Subject => ({
  followers: 0,
  loading: false,
  outcomesDue: false,
  backoff: new Backoff({ baseMs: 50, maxMs: 10_000, random: Math.random }),
  retry: undefined,
  linger: undefined,
  failure: undefined,
});
