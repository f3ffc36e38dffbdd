/**
 * The wire contract in its smallest form, with two users and runs that are always the same, and with a place for each fault
 * that the probe must find. Not a gateway: it stores nothing, checks nothing and exists to be broken.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";

export interface SentEvent {
  readonly type: string;
  readonly seq: number;
  readonly firstSeq?: number;
  readonly threadId: string;
  readonly runId: string | null;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface Faults {
  /** What a run appends to the log, in place of what it must. */
  readonly append?: (drafts: readonly Draft[]) => readonly Draft[];
  /** What of a run is written to its user's live connections. */
  readonly live?: (events: readonly SentEvent[]) => readonly object[];
  /** What is written to a connection that gave a position. */
  readonly replay?: (events: readonly SentEvent[]) => readonly object[];
  /** What is written to everybody else. */
  readonly leak?: (events: readonly SentEvent[]) => readonly object[];
  readonly resumed?: "live" | "reset";
  /** After an event of this type the socket is closed, after `frame` if there is one. */
  readonly close?: { readonly after: string; readonly code: number; readonly frame?: object };
  /** In place of the answer to a call: `GET /v1/threads/…`. */
  readonly answer?: (
    call: string,
    user: string,
  ) => { readonly status: number; readonly body: unknown } | undefined;
  /** Ids of others are found too. */
  readonly openToAll?: true;
  readonly noWelcome?: true;
  readonly noAck?: true;
}

export type Draft = Pick<SentEvent, "type" | "data">;

export const accounts = [
  { email: "one@example.com", password: "one" },
  { email: "two@example.com", password: "two" },
] as const;

export async function startWireServer(faults: Faults = {}): Promise<{ url: string; close(): Promise<void> }> {
  const world = new World(faults);
  const server = createServer((request, response) => void world.serve(request, response));
  const sockets = new WebSocketServer({ server, handleProtocols: () => "trueline.v1" });
  sockets.on("connection", (socket, request) => world.connect(socket, request));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      for (const socket of sockets.clients) socket.terminate();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

interface Thread {
  readonly id: string;
  readonly owner: string;
  readonly runs: string[];
}

const epoch = "epoch-1";
const now = () => new Date().toISOString();

class World {
  readonly #faults: Faults;
  readonly #logs = new Map<string, SentEvent[]>();
  readonly #open = new Map<WebSocket, string>();
  readonly #threads = new Map<string, Thread>();
  #ids = 0;

  constructor(faults: Faults) {
    this.#faults = faults;
  }

  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = "";
    for await (const chunk of request) text += String(chunk);
    const user = (request.headers.authorization ?? "").replace("Bearer token-", "");
    const call = `${request.method} ${request.url}`;
    const { status, body } =
      this.#faults.answer?.(call, user) ?? this.#answer(call, user, text === "" ? {} : JSON.parse(text));
    response.writeHead(status, { "content-type": "application/json" });
    response.end(body === undefined ? "" : JSON.stringify(body));
  }

  connect(socket: WebSocket, request: IncomingMessage): void {
    const user = new URL(request.url ?? "", "http://x").searchParams.get("ticket") ?? "";
    socket.on("message", (data) => this.#receive(socket, user, JSON.parse(String(data))));
    socket.on("close", () => this.#open.delete(socket));
  }

  #answer(call: string, user: string, body: { email?: string }): { status: number; body: unknown } {
    if (call === "POST /v1/auth/login") return { status: 200, body: session(String(body.email)) };
    if (call === "POST /v1/auth/ticket") return { status: 200, body: { ticket: user, expiresIn: 30 } };
    if (call === "POST /v1/auth/logout") return { status: 204, body: undefined };
    if (call === "GET /v1/threads") {
      const threads = [...this.#threads.values()]
        .filter((thread) => this.#mayRead(thread, user))
        .map(threadView);
      return { status: 200, body: { threads, position: this.#position(user) } };
    }
    const [method, path = ""] = call.split(" ");
    const id = path.split("/")[3] ?? "";
    const found = [...this.#threads.values()].find((thread) => thread.id === id || thread.runs.includes(id));
    if (!found || !this.#mayRead(found, user)) return { status: 404, body: { error: notFound } };
    if (method === "DELETE") {
      this.#threads.delete(id);
      return { status: 204, body: undefined };
    }
    return { status: 200, body: this.#thread(found, user) };
  }

  #thread(thread: Thread, user: string) {
    const messages = thread.runs.map((runId) => ({
      id: `m-${runId}`,
      role: "user",
      text: "",
      createdAt: now(),
      runId,
    }));
    return { ...threadView(thread), messages, openRuns: [], position: this.#position(user) };
  }

  #mayRead = (thread: Thread, user: string): boolean =>
    thread.owner === user || this.#faults.openToAll === true;

  #receive(socket: WebSocket, user: string, frame: Record<string, unknown>): void {
    if (frame.type === "hello") this.#hello(socket, user, frame.position as { seq: number } | undefined);
    else if (frame.type === "ping") write(socket, { type: "pong", t: frame.t });
    else if (frame.type === "send") this.#send(socket, user, frame);
  }

  #hello(socket: WebSocket, user: string, position: { seq: number } | undefined): void {
    if (this.#faults.noWelcome) return;
    const resumed = position ? (this.#faults.resumed ?? "replayed") : "live";
    const at = resumed === "replayed" && position ? { epoch, seq: position.seq } : this.#position(user);
    const view = { id: `id-${user}`, email: user, name: user, role: "user" };
    const limits = {
      maxFrameBytes: 1,
      maxTextLength: 1,
      messagesPerMinute: 0,
      runsAtOnce: 0,
      connections: 0,
    };
    write(socket, { type: "welcome", connectionId: "c", user: view, position: at, resumed, limits });
    if (resumed === "reset") write(socket, { type: "reset", position: at, reason: "too_old" });
    this.#open.set(socket, user);
    if (resumed !== "replayed") return;
    const missed = this.#log(user).filter(({ seq }) => seq > at.seq);
    for (const event of this.#faults.replay?.(missed) ?? missed) write(socket, event);
  }

  #send(socket: WebSocket, user: string, frame: Record<string, unknown>): void {
    const threadId = typeof frame.threadId === "string" ? frame.threadId : `thread-${++this.#ids}`;
    const runId = `run-${++this.#ids}`;
    const thread = this.#threads.get(threadId) ?? { id: threadId, owner: user, runs: [] };
    thread.runs.push(runId);
    this.#threads.set(threadId, thread);
    if (!this.#faults.noAck)
      write(socket, { type: "ack", id: frame.id, runId, threadId, messageId: `m-${runId}` });
    const drafts = runOf(String(frame.text));
    const events = (this.#faults.append?.(drafts) ?? drafts).map((draft) =>
      this.#append(user, { threadId, runId }, draft),
    );
    for (const [open, owner] of this.#open) {
      const seen =
        owner === user ? (this.#faults.live?.(events) ?? events) : (this.#faults.leak?.(events) ?? []);
      this.#deliver(open, seen as readonly SentEvent[]);
    }
  }

  #deliver(socket: WebSocket, events: readonly SentEvent[]): void {
    const { close } = this.#faults;
    for (const event of events) {
      write(socket, event);
      if (!close || event.type !== close.after) continue;
      if (close.frame) write(socket, close.frame);
      socket.close(close.code);
      return;
    }
  }

  #append(user: string, ids: { threadId: string; runId: string }, draft: Draft): SentEvent {
    const log = this.#log(user);
    const event = { seq: log.length + 1, at: now(), ...ids, ...draft };
    log.push(event);
    return event;
  }

  #log(user: string): SentEvent[] {
    const log = this.#logs.get(user) ?? [];
    this.#logs.set(user, log);
    return log;
  }

  #position = (user: string) => ({ epoch, seq: this.#log(user).length });
}

const notFound = { code: "not_found", message: "There is no such thing." };

const threadView = ({ id }: Thread) => ({ id, title: "t", createdAt: now(), updatedAt: now() });

const session = (email: string) => ({
  accessToken: `token-${email}`,
  refreshToken: "r",
  expiresIn: 900,
  user: { id: `id-${email}`, email, name: email, role: "user" },
});

/** Eight events: 1 accepted, 2 started, 3 thinking, 4 and 5 a tool, 6 and 7 text, 8 completed. */
const runOf = (text: string): readonly Draft[] => [
  { type: "message_accepted", data: { id: "i", messageId: "m", text, disposition: "started" } },
  { type: "agent_started", data: { agent: "a", model: "m", description: "d" } },
  { type: "agent_thinking", data: { step: 1, text: "" } },
  { type: "tool_executing", data: { tool: "calculator", callId: "c1", purpose: "p", arguments: {} } },
  {
    type: "tool_completed",
    data: { tool: "calculator", callId: "c1", ok: true, preview: "391", durationMs: 1 },
  },
  { type: "text_delta", data: { text: "17 * 23 = " } },
  { type: "text_delta", data: { text: "391" } },
  { type: "agent_completed", data: { messageId: "m", text: "17 * 23 = 391", usage: {}, durationMs: 2 } },
];

const write = (socket: WebSocket, frame: object): void => socket.send(JSON.stringify(frame));
