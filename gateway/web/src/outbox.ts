/**
 * Messages on their way. Each is kept in this browser until the server answered, and sent again under its own id after
 * a reload or a crash of the tab: the server takes an id once, so nothing is lost and nothing is sent twice (RS5).
 *
 * The client resends over lost connections by itself; this remembers over lost pages.
 */
import { type Client, ClientError, type SendOptions, TruelineError } from "@trueline/client";
import { sentence, withoutWait } from "./format.ts";
import { readStored, storedKeys, writeStored } from "./stored.ts";

export interface Outgoing {
  readonly id: string;
  readonly text: string;
  /** Absent: it makes a thread. */
  readonly threadId?: string;
  readonly agent?: string;
  readonly whileActive?: "queue" | "steer";
}

export type OutgoingState =
  | { readonly state: "sending" }
  /** `retryAt`: ms since 1970, from when trying again can help. */
  | { readonly state: "refused"; readonly message: string; readonly retryAt: number | undefined };

export type Entry = Outgoing & OutgoingState;

/** Called with the thread that a message without one has made. */
type OnThread = (entry: Outgoing, threadId: string) => void;

export class Outbox {
  readonly #client: Client;
  /** Each entry has a key of its own, so that tabs do not overwrite what others have on the way. */
  readonly #start: string;
  readonly #onThread: OnThread;
  readonly #listeners = new Set<() => void>();
  readonly #takenBack = new Set<string>();
  #entries: readonly Entry[] = [];

  constructor(client: Client, userId: string, onThread: OnThread) {
    this.#client = client;
    this.#start = `outbox.${userId}.`;
    this.#onThread = onThread;
    this.#entries = storedKeys(this.#start).flatMap((key) => parseEntry(readStored(key)));
  }

  /** A new array for each change. */
  readonly entries = (): readonly Entry[] => this.#entries;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Sends what an earlier page of this browser left unanswered. */
  resume(): void {
    for (const entry of this.#entries) if (entry.state === "sending") void this.#deliver(entry);
  }

  send(text: string, options: Omit<Outgoing, "id" | "text">): void {
    this.#put({ ...options, id: newId(), text, state: "sending" });
  }

  /** Once more, under the same id. */
  retry(id: string): void {
    const entry = this.#entries.find((candidate) => candidate.id === id);
    if (entry !== undefined) this.#put({ ...outgoingOf(entry), state: "sending" });
  }

  discard(id: string): void {
    writeStored(this.#start + id, undefined);
    this.#set(this.#entries.filter((entry) => entry.id !== id));
  }

  /** Remembers, as long as the page is there, that the message of a run was taken back before its turn. */
  setTakenBack(runId: string, takenBack: boolean): void {
    if (takenBack) this.#takenBack.add(runId);
    else this.#takenBack.delete(runId);
    this.#set([...this.#entries]);
  }

  isTakenBack(runId: string): boolean {
    return this.#takenBack.has(runId);
  }

  /** On sign-out. */
  forget(): void {
    for (const { id } of this.#entries) this.discard(id);
  }

  #put(entry: Entry): void {
    this.#keep(entry);
    void this.#deliver(entry);
  }

  #keep(entry: Entry): void {
    writeStored(this.#start + entry.id, JSON.stringify(entry));
    const known = this.#entries.some((other) => other.id === entry.id);
    this.#set(
      known
        ? this.#entries.map((other) => (other.id === entry.id ? entry : other))
        : [...this.#entries, entry],
    );
  }

  async #deliver(entry: Outgoing): Promise<void> {
    const { text, ...options } = outgoingOf(entry);
    try {
      const ack = await this.#client.send(text, options satisfies SendOptions);
      this.discard(entry.id);
      if (entry.threadId === undefined) this.#onThread(entry, ack.threadId);
    } catch (error) {
      if (leavesUnanswered(error)) return;
      const { message, retryAt } = describe(error);
      this.#keep({ ...outgoingOf(entry), state: "refused", message, retryAt });
    }
  }

  #set(entries: readonly Entry[]): void {
    this.#entries = entries;
    for (const listener of this.#listeners) listener();
  }
}

/** The page is going or the user has gone: the entry stays, for the next time. */
const leavesUnanswered = (error: unknown): boolean =>
  error instanceof ClientError && (error.code === "closed" || error.code === "signed_out");

function describe(error: unknown): { message: string; retryAt: number | undefined } {
  const message = error instanceof Error ? error.message : String(error);
  const after = error instanceof TruelineError ? error.retryAfterMs : undefined;
  return after === undefined
    ? { message: sentence(message), retryAt: undefined }
    : { message: sentence(withoutWait(message)), retryAt: Date.now() + after };
}

/** Random, of 128 bits. `crypto.randomUUID` is there on HTTPS and localhost only. */
const newId = (): string =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

const outgoingOf = ({ id, text, threadId, agent, whileActive }: Outgoing): Outgoing => ({
  id,
  text,
  ...(threadId === undefined ? {} : { threadId }),
  ...(agent === undefined ? {} : { agent }),
  ...(whileActive === undefined ? {} : { whileActive }),
});

function parseEntry(stored: string | undefined): readonly Entry[] {
  try {
    const value: unknown = JSON.parse(stored ?? "null");
    return isEntry(value) ? [value] : [];
  } catch (error) {
    console.warn("a message that was left to send could not be read", error);
    return [];
  }
}

const isEntry = (value: unknown): value is Entry =>
  typeof value === "object" &&
  value !== null &&
  "id" in value &&
  typeof value.id === "string" &&
  "text" in value &&
  typeof value.text === "string" &&
  "state" in value;
