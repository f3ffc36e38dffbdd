/**
 * A small gateway over real HTTP and WebSocket, as plain as the wire contract allows and with faults to order. It holds
 * what it is asked against the contract's schemas, so that a client that breaks the contract fails its test.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { ClientFrame, RefusedFrame, ResetReason, ServerFrame, UserView } from "@trueline/protocol";
import { decodeClientFrame, errorCodes, subprotocol, TruelineError } from "@trueline/protocol";
import { type WebSocket, WebSocketServer } from "ws";
import { merged, runOf, UserModel } from "./model.ts";

export const limits = {
  maxFrameBytes: 4096,
  maxTextLength: 1000,
  messagesPerMinute: 0,
  runsAtOnce: 0,
  connections: 0,
};

interface Account {
  readonly user: UserView;
  readonly model: UserModel;
  readonly acks: Map<string, { runId: string; threadId: string; messageId: string }>;
}

/** Faults, and what is counted. Each is looked at when it matters, so a test may change it at any time. */
export class Gateway {
  /** Sent frames after which a connection is cut, by the order of connections. */
  cuts: number[] = [];
  /** A `hello` with a position gets a reset for this reason. */
  reset: ResetReason | undefined;
  refuse: (
    frame: Extract<ClientFrame, { type: "send" | "cancel" }>,
  ) => Omit<RefusedFrame, "type" | "id"> | undefined = () => undefined;
  /** Answer to a ping; false: the server is gone but its socket stays. */
  answersPings = true;
  /** False: nothing that comes in is read, on no connection. */
  hears = true;
  /** What of the log after a position is sent; to break the contract with. */
  replay = (model: UserModel, seq: number): ServerFrame[] => merged(model.after(seq), () => true);
  /** False: upgrades are refused. */
  letsIn = true;
  /** Closes instead of a `welcome`. */
  closesAfterHello: number | undefined;
  ticketError: TruelineError | undefined;
  expiresIn = 900;

  runs = 0;
  refreshes = 0;
  readonly hellos: Extract<ClientFrame, { type: "hello" }>[] = [];
  /** How each upgrade proved who it was. */
  readonly entries: ("ticket" | "bearer")[] = [];
  readonly connections = new Set<Conn>();
  readonly #accounts = new Map<string, Account>();
  readonly #access = new Map<string, string>();
  readonly #refresh = new Map<string, string>();
  readonly #tickets = new Map<string, string>();
  readonly #http: Server;
  readonly #sockets = new WebSocketServer({ noServer: true, handleProtocols: () => subprotocol });
  #ids = 0;

  constructor() {
    this.#http = createServer((request, response) => void this.#serve(request, response));
    this.#http.on("upgrade", (request, socket, head) => {
      const url = new URL(request.url ?? "", "http://x");
      const ticket = url.searchParams.get("ticket") ?? "";
      const email = this.#tickets.get(ticket) ?? this.#bearer(request);
      this.#tickets.delete(ticket);
      const account = email === undefined ? undefined : this.account(email);
      if (url.pathname !== "/v1/ws" || !account || !this.letsIn)
        socket.end("HTTP/1.1 401 Unauthorized\r\n\r\n");
      else {
        this.entries.push(ticket === "" ? "bearer" : "ticket");
        this.#sockets.handleUpgrade(request, socket, head, (ws) => new Conn(this, account, ws));
      }
    });
  }

  async listen(port = 0): Promise<string> {
    await new Promise<void>((resolve) => this.#http.listen(port, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    for (const { ws } of this.connections) ws.terminate();
    this.#http.closeAllConnections();
    await new Promise((resolve) => this.#http.close(resolve));
  }

  account(email: string): Account {
    const name = email.split("@")[0] ?? "";
    const user = { id: `usr_${name}`, email, name, role: "user" } as const;
    const known = this.#accounts.get(email) ?? { user, model: new UserModel(), acks: new Map() };
    this.#accounts.set(email, known);
    return known;
  }

  /** All access tokens are over; sessions are not. */
  expireAccess(): void {
    this.#access.clear();
  }

  revokeSessions(): void {
    this.#access.clear();
    this.#refresh.clear();
  }

  newId(kind: string): string {
    return `${kind}_${++this.#ids}`;
  }

  accept(account: Account, frame: Extract<ClientFrame, { type: "send" }>) {
    const known = account.acks.get(frame.id);
    if (known) return known;
    this.runs++;
    const threadId = frame.threadId ?? this.newId("thr");
    const ids = { runId: this.newId("run"), threadId, messageId: this.newId("msg") };
    account.acks.set(frame.id, ids);
    if (!frame.threadId) {
      account.model.append({ type: "thread_created", threadId, runId: null, data: { title: frame.text } });
    }
    for (const draft of runOf({ ...ids, id: frame.id }, frame.text)) account.model.append(draft);
    return ids;
  }

  #bearer(request: IncomingMessage): string | undefined {
    return this.#access.get(request.headers.authorization?.replace("Bearer ", "") ?? "");
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const text = Buffer.concat(chunks).toString();
      const answer = this.#answer(request, text === "" ? {} : JSON.parse(text));
      response.writeHead(answer === undefined ? 204 : 200, { "content-type": "application/json" });
      response.end(answer === undefined ? undefined : JSON.stringify(answer));
    } catch (error) {
      const refusal =
        error instanceof TruelineError ? error : new TruelineError("internal_error", String(error));
      response.writeHead(errorCodes[refusal.code], { "content-type": "application/json" });
      response.end(JSON.stringify(refusal.toBody()));
    }
  }

  #answer(request: IncomingMessage, body: Record<string, string>): unknown {
    const [path = "", method] = [request.url, request.method];
    const call = `${method} ${path}`;
    if (call === "POST /v1/auth/login") return this.#login(body.email ?? "", body.password ?? "");
    if (call === "POST /v1/auth/refresh") return this.#rotate(body.refreshToken ?? "");
    const email = this.#bearer(request);
    if (email === undefined) throw new TruelineError("unauthorized", "The access token is not valid.");
    if (call === "POST /v1/auth/logout") return this.revokeSessions();
    const { model } = this.account(email);
    if (call === "POST /v1/auth/ticket") {
      if (this.ticketError) throw this.ticketError;
      const ticket = this.newId("ticket");
      this.#tickets.set(ticket, email);
      return { ticket, expiresIn: 30 };
    }
    if (call === "GET /v1/agents") return { agents: [] };
    if (call === "GET /v1/threads") return model.list();
    const [, kind = "", id = ""] = /^\/v1\/(threads|runs)\/(.*)$/.exec(path) ?? [];
    const found = kind === "threads" ? model.thread(id) : model.ended.get(id);
    if (method !== "GET" || !found) throw new TruelineError("not_found", "There is no such thing.");
    return found;
  }

  #login(email: string, password: string): unknown {
    if (password !== "secret") throw new TruelineError("invalid_credentials", "E-mail or password is wrong.");
    return this.#session(email);
  }

  /** A refresh token that comes a second time was stolen: the session is over. */
  #rotate(refreshToken: string): unknown {
    const email = this.#refresh.get(refreshToken);
    if (email === undefined) {
      this.revokeSessions();
      throw new TruelineError("unauthorized", "The session is over.");
    }
    this.refreshes++;
    this.#refresh.delete(refreshToken);
    return this.#session(email);
  }

  #session(email: string): unknown {
    const [accessToken, refreshToken] = [this.newId("access"), this.newId("refresh")];
    this.#access.set(accessToken, email);
    this.#refresh.set(refreshToken, email);
    return { accessToken, refreshToken, expiresIn: this.expiresIn, user: this.account(email).user };
  }
}

/** One connection. Everything is sent as a text frame of its own, so that it can be cut between any two. */
export class Conn {
  readonly ws: WebSocket;
  readonly id: string;
  readonly #gateway: Gateway;
  readonly #account: Account;
  readonly #cut: number | undefined;
  #sent = 0;
  #off: (() => void) | undefined;

  constructor(gateway: Gateway, account: Account, ws: WebSocket) {
    this.#gateway = gateway;
    this.#account = account;
    this.#cut = gateway.cuts.shift();
    this.ws = ws;
    this.id = gateway.newId("con");
    gateway.connections.add(this);
    ws.on("message", (data) => this.#onText(String(data)));
    ws.on("close", () => {
      gateway.connections.delete(this);
      this.#off?.();
    });
    if (this.#cut === 0) ws.terminate();
  }

  /** One text frame. */
  send(frame: ServerFrame | readonly ServerFrame[]): void {
    if (this.ws.readyState !== this.ws.OPEN) return;
    this.#sent++;
    this.ws.send(JSON.stringify(frame));
    // After what was written has left: the cut is between two frames, not before both.
    if (this.#sent === this.#cut) setImmediate(() => this.ws.terminate());
    if (this.#cut !== undefined && this.#sent >= this.#cut) this.send = () => undefined;
  }

  #onText(text: string): void {
    if (!this.#gateway.hears) return;
    const decoded = decodeClientFrame(text);
    if (!decoded.ok) {
      this.ws.close(4200, decoded.message);
      return;
    }
    const { frame } = decoded;
    if (frame.type === "hello") this.#onHello(frame);
    else if (frame.type === "ping") this.#gateway.answersPings && this.send({ type: "pong", t: frame.t });
    else this.#onRequest(frame);
  }

  #onHello(hello: Extract<ClientFrame, { type: "hello" }>): void {
    const { model, user } = this.#account;
    const { reset } = this.#gateway;
    this.#gateway.hellos.push(hello);
    if (this.#gateway.closesAfterHello) {
      this.ws.close(this.#gateway.closesAfterHello, "by order of the test");
      return;
    }
    const given = hello.position;
    const reason = given && (reset ?? (given.epoch === model.epoch ? undefined : "other_epoch"));
    const resumed = reason ? "reset" : given ? "replayed" : "live";
    const position = given && !reason ? given : model.position;
    this.send({ type: "welcome", connectionId: this.id, user, position, resumed, limits });
    if (reason) this.send({ type: "reset", position, reason });
    else if (given) for (const frame of this.#gateway.replay(model, given.seq)) this.send(frame);
    this.#off = model.onAppend((events) => this.send(events.length === 1 && events[0] ? events[0] : events));
  }

  #onRequest(frame: Extract<ClientFrame, { type: "send" | "cancel" }>): void {
    const refusal = this.#gateway.refuse(frame);
    if (refusal) this.send({ type: "refused", id: frame.id, ...refusal });
    else if (frame.type === "send") {
      const ids = this.#gateway.accept(this.#account, frame);
      this.send({ type: "ack", id: frame.id, ...ids });
    } else this.send({ type: "refused", id: frame.id, code: "not_found", message: "There is no such run." });
  }
}
