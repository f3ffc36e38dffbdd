/** Makes a client: wires session, connection, stream, outbox and listeners. The table of contents of this package. */
import type { CancelFrame, SendFrame, ServerFrame, UserView, WireLimits } from "@trueline/protocol/wire";
import { ask } from "./ask.ts";
import type { Backoff } from "./backoff.ts";
import { Connection, type Verdict } from "./connection.ts";
import { type Credentials, OwnAccounts, Session } from "./credentials.ts";
import { Delivery } from "./delivery.ts";
import { Emitter } from "./emitter.ts";
import { watchEnvironment } from "./environment.ts";
import { ClientError } from "./errors.ts";
import { EventQueue } from "./event-queue.ts";
import { UserHttp } from "./http.ts";
import type { ConnectOptions } from "./options.ts";
import { Outbox } from "./outbox.ts";
import { Owed } from "./owed.ts";
import { newRequestId } from "./request-id.ts";
import { getAgents, getRun, getTicket, threadCalls } from "./resources.ts";
import { baseUrl, toBackoff, toHttpOptions, toLinkOptions } from "./settings.ts";
import { memoryStorage } from "./storage.ts";
import { Stream } from "./stream.ts";
import type { Ack, Call, Client, ConnectionState, EventsOptions, SendOptions } from "./types.ts";

/** Connects as soon as somebody is signed in, and stays connected until `close()`. */
export function connect(options: ConnectOptions = {}): Client {
  return new GatewayClient(options);
}

const thisClient = { name: "trueline-client", version: "0.1.0" };

class GatewayClient implements Client {
  readonly #emitter = new Emitter();
  readonly #credentials: Credentials;
  readonly #http: UserHttp;
  readonly #outbox: Outbox;
  readonly #owed = new Owed();
  readonly #delivery: Delivery;
  readonly #stream: Stream;
  readonly #connection: Connection;
  readonly #queues = new Set<EventQueue>();
  readonly #endings: (() => void)[] = [];
  #user: UserView | undefined;
  readonly threads: Client["threads"];

  constructor(options: ConnectOptions) {
    const base = baseUrl(options.url);
    const http = toHttpOptions(options, base);
    const backoff = toBackoff(options);
    const storage = options.session ?? memoryStorage();
    this.#credentials = options.getAccessToken
      ? new OwnAccounts(options.getAccessToken)
      : new Session(http, storage);
    this.#user = this.#credentials.user;
    this.#http = new UserHttp(http, this.#credentials);
    this.threads = threadCalls(this.#http);
    this.#outbox = new Outbox(options.outboxSize ?? 100);
    this.#delivery = this.#makeDelivery(options, backoff());
    this.#stream = new Stream(this.#delivery, {
      onOtherUser: () => this.#streamOnOtherUser(),
      onUser: (user) => this.#setUser(user),
    });
    this.#connection = this.#makeConnection(options, base, backoff());
    this.#endings.push(watchEnvironment({ onWake: () => this.#connection.wake() }));
    const unwatch = options.getAccessToken ? undefined : storage.watch?.(() => this.#storageOnChange());
    if (unwatch) this.#endings.push(unwatch);
    if (options.getAccessToken || this.#user) this.#connection.start();
  }

  get state(): ConnectionState {
    return this.#connection.state;
  }
  get position(): Client["position"] {
    return this.#delivery.position;
  }
  get user(): UserView | undefined {
    return this.#user;
  }

  login(email: string, password: string): Promise<UserView> {
    return this.#enter((session) => session.login(email, password));
  }

  loginFromProvider(): Promise<UserView> {
    return this.#enter((session) => session.loginFromProvider());
  }

  async #enter(login: (session: Session) => Promise<UserView>): Promise<UserView> {
    const user = await login(this.#session());
    if (this.state.state === "stopped" && this.state.code === closedByUs) throw closed();
    this.#setUser(user);
    this.#connection.start();
    return user;
  }

  async logout(): Promise<void> {
    const session = this.#session();
    this.#forgetUser();
    this.#connection.signOut("signed out");
    await session.logout();
  }

  reconnect(): void {
    if (this.state.state === "stopped" && this.state.code === closedByUs) throw closed();
    this.#connection.start();
  }

  online(signal?: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const look = (state: ConnectionState): void => {
      if (state.state === "online") resolve();
      else if (state.state === "signed_out" || state.state === "stopped") reject(notAnyMore(state));
    };
    const onAbort = (): void => reject(new ClientError("aborted", "the caller's signal was aborted"));
    if (signal?.aborted) onAbort();
    signal?.addEventListener("abort", onAbort, { once: true });
    const off = this.on("state", look);
    look(this.state);
    return promise.finally(() => {
      off();
      signal?.removeEventListener("abort", onAbort);
    });
  }

  close(): void {
    for (const end of this.#endings.splice(0)) end();
    this.#delivery.stop();
    this.#connection.stop(closedByUs, "closed");
    for (const queue of [...this.#queues]) queue.end();
  }

  send(text: string, options: SendOptions = {}): Promise<Ack> {
    const { id = newRequestId(), signal, threadId, agent, whileActive } = options;
    const frame: SendFrame = {
      type: "send",
      id,
      text,
      ...(threadId === undefined ? {} : { threadId }),
      ...(agent === undefined ? {} : { agent }),
      ...(whileActive === undefined ? {} : { whileActive }),
    };
    return this.#put(frame, signal);
  }

  cancel(runId: string): Promise<Ack> {
    return this.#put({ type: "cancel", id: newRequestId(), runId });
  }

  ask(text: string, options: SendOptions = {}): ReturnType<Client["ask"]> {
    return ask(this, text, options);
  }

  agents(): ReturnType<Client["agents"]> {
    return getAgents(this.#http);
  }

  run(id: string): ReturnType<Client["run"]> {
    return getRun(this.#http, id);
  }

  call<T>(call: Call): Promise<T> {
    return this.#http.call(call);
  }

  on: Client["on"] = (name, listener) => this.#emitter.on(name, listener);

  events({ signal, types, threadId, maxWaiting = 10_000 }: EventsOptions = {}): EventQueue {
    const onAbort = (): void => queue.end();
    const off = this.on("event", (event) => {
      if (types && !types.includes(event.type)) return;
      if (threadId === undefined || event.threadId === threadId) queue.push(event);
    });
    const queue: EventQueue = new EventQueue(maxWaiting, () => {
      off();
      signal?.removeEventListener("abort", onAbort);
      this.#queues.delete(queue);
    });
    this.#queues.add(queue);
    signal?.addEventListener("abort", onAbort, { once: true });
    if (signal?.aborted || isClosed(this.state)) queue.end();
    return queue;
  }

  #session(): Session {
    if (this.#credentials instanceof Session) return this.#credentials;
    throw new Error("this client takes its tokens from getAccessToken; sign in and out there");
  }

  #put(frame: SendFrame | CancelFrame, signal?: AbortSignal): Promise<Ack> {
    const { state } = this;
    if (state.state === "signed_out" || state.state === "stopped") return Promise.reject(notAnyMore(state));
    const ack = this.#owed.request(this.#outbox.put(frame, signal));
    this.#connection.attend();
    return ack;
  }

  #makeDelivery(options: ConnectOptions, backoff: Backoff): Delivery {
    return new Delivery({
      snapshot: options.snapshot,
      storage: options.position,
      backoff,
      onEvent: (event) => this.#emitter.emit("event", event),
      onReset: (why) => this.#emitter.emit("reset", why),
      onTrouble: (error) => this.#emitter.emit("trouble", error),
    });
  }

  #makeConnection(options: ConnectOptions, base: string, backoff: Backoff): Connection {
    const { client = thisClient, gather } = options;
    return new Connection({
      credentials: this.#credentials,
      url: `${base.replace(/^http/, "ws")}/v1/ws`,
      entry: options.entry ?? "ticket",
      fetchTicket: () => getTicket(this.#http),
      hello: () => {
        const position = this.#stream.greet();
        return { type: "hello", client, ...(position && { position }), ...(gather === false && { gather }) };
      },
      link: { ...toLinkOptions(options), isBusy: () => this.#owed.any },
      backoff,
      onState: (state) => this.#connectionOnState(state),
      onWelcome: (welcome) => {
        this.#owed.welcome(welcome);
        return this.#stream.welcome(welcome);
      },
      onOnline: (limits) => this.#connectionOnOnline(limits),
      onFrame: (frame) => this.#connectionOnFrame(frame),
      onFramesEnd: () => this.#stream.flush(),
      onTrouble: (error) => this.#emitter.emit("trouble", error),
    });
  }

  #connectionOnState(state: ConnectionState): void {
    if (state.state !== "online") this.#outbox.carry(undefined);
    if (state.state === "signed_out") this.#setUser(undefined);
    if (state.state === "stopped") this.#outbox.rejectAll(notAnyMore(state));
    this.#emitter.emit("state", state);
  }

  #connectionOnOnline(limits: WireLimits): void {
    this.#outbox.carry({ limits, send: (frame) => this.#connection.send(frame) });
  }

  #connectionOnFrame(frame: ServerFrame): Verdict {
    if (frame.type === "ack") this.#outbox.acked(frame);
    else if (frame.type === "refused") this.#outbox.refused(frame);
    this.#owed.frame(frame);
    return this.#stream.frame(frame);
  }

  /** Another tab signed in, or out. A token that it merely refreshed changes nothing here. */
  #storageOnChange(): void {
    const { user } = this.#credentials;
    if (!user) {
      this.#forgetUser();
      this.#connection.signOut("signed out in another tab");
    } else if (user.id !== this.#user?.id) {
      this.#setUser(user);
      this.#connection.start();
    }
  }

  #forgetUser(): void {
    this.#outbox.rejectAll(new ClientError("signed_out", "the user signed out"));
    this.#stream.forget();
  }

  #streamOnOtherUser(): void {
    this.#outbox.rejectAll(new ClientError("signed_out", "somebody else is signed in now"));
  }

  #setUser(user: UserView | undefined): void {
    if (JSON.stringify(user) === JSON.stringify(this.#user)) return;
    this.#user = user;
    this.#emitter.emit("user", user);
  }
}

const closedByUs = 1000;
const isClosed = (state: ConnectionState): boolean => state.state === "stopped" && state.code === closedByUs;
const closed = (): ClientError => new ClientError("closed", "the client was closed");

function notAnyMore(state: ConnectionState & { state: "signed_out" | "stopped" }): Error {
  if (state.state === "signed_out") return new ClientError("signed_out", state.reason);
  return isClosed(state) ? closed() : new ClientError("stopped", state.reason);
}
