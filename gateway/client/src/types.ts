/**
 * The public face of the client: what `connect` takes and what it gives. Types only; the parts behind it import from
 * here and never the other way round.
 */
import type {
  AckFrame,
  AgentView,
  EventType,
  LogEvent,
  Position,
  ResetReason,
  RunView,
  ThreadListResponse,
  ThreadResponse,
  ThreadView,
  UserView,
  WireLimits,
} from "@trueline/protocol/wire";

/** What becomes of the socket, as a union: each state has only its own fields. */
export type ConnectionState =
  /** The attempt in progress; counts from 1 and starts anew after a connection that held. */
  | { readonly state: "connecting"; readonly attempt: number }
  | {
      readonly state: "online";
      readonly connectionId: string;
      readonly user: UserView;
      readonly limits: WireLimits;
    }
  /** `retryAt`: ms since 1970. `reason`: a sentence for a person. */
  | { readonly state: "waiting"; readonly retryAt: number; readonly attempt: number; readonly reason: string }
  /** Nobody is signed in (any more). `login` goes on from here. */
  | { readonly state: "signed_out"; readonly reason: string }
  /** It will not reconnect by itself: it would happen again. `code` is the close code (close-codes.ts); 1000 after `close()`. */
  | { readonly state: "stopped"; readonly code: number; readonly reason: string };

/** Events do not follow on what was seen: load what came before over HTTP. */
export interface Discontinuity {
  /**
   * `live`: the first connection had no position. `reset`: the server could not serve it (RS2). `unresolved`: the
   * server sent twice what does not follow on the position, so the client gave the position up.
   */
  readonly cause: "live" | "reset" | "unresolved";
  /** Events come right after this. */
  readonly position: Position;
  /** Of a `reset`, as far as the server said it. */
  readonly reason?: ResetReason;
}

/** What can be listened to, and what a listener gets. */
export interface ClientEvents {
  /** One event of the user's log, in order, each exactly once. */
  readonly event: LogEvent;
  readonly state: ConnectionState;
  /** Comes before the events that follow `position`. A thread loaded at or after `position` is still whole. */
  readonly reset: Discontinuity;
  /** Who is signed in, at each change. */
  readonly user: UserView | undefined;
  /** Trouble that is not the answer to a call: a failed snapshot, an `error` frame. The client goes on by itself. */
  readonly trouble: Error;
}

export interface SendOptions {
  /** The idempotency key (RS5). Default: a random one. Give the same again and the message is sent at most once. */
  readonly id?: string;
  /** Absent: a new thread is made for it. */
  readonly threadId?: string;
  /** Absent: the default agent. */
  readonly agent?: string;
  /** What becomes of it while a run is active in the thread. Default `queue`. */
  readonly whileActive?: "queue" | "steer";
  /** Stops waiting for the answer and takes the message from the outbox. One that was sent already is not taken back. */
  readonly signal?: AbortSignal;
}

/** Answer to `send` and `cancel`: the ids of the run. */
export type Ack = Pick<AckFrame, "id" | "runId" | "threadId" | "messageId">;

export interface EventsOptions {
  readonly signal?: AbortSignal;
  /** Only events of these types. Default: all. */
  readonly types?: readonly EventType[];
  /** Only events of this thread. */
  readonly threadId?: string;
  /** Events that wait for a slow loop before it ends with a `ClientError` `overflow`. Default 10,000. */
  readonly maxWaiting?: number;
}

export interface Threads {
  list(signal?: AbortSignal): Promise<ThreadListResponse>;
  /** A thread with its messages, open runs and the position it is true at. */
  get(id: string, signal?: AbortSignal): Promise<ThreadResponse>;
  create(title?: string): Promise<ThreadView>;
  rename(id: string, title: string): Promise<ThreadView>;
  delete(id: string): Promise<void>;
}

export interface Call {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  /** From the root of the gateway: `/v1/…`. */
  readonly path: string;
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
}

export interface Client {
  readonly state: ConnectionState;
  /** The last event that was given to listeners. Undefined before the first connection. */
  readonly position: Position | undefined;
  readonly user: UserView | undefined;
  readonly threads: Threads;

  /** Signs in and connects. Rejects with a `TruelineError`: `invalid_credentials`, `rate_limited`. */
  login(email: string, password: string): Promise<UserView>;
  /**
   * Signs in and connects, in a browser that came back from the identity provider (`/#signed-in`). Once, and on the
   * gateway's own origin. Rejects with a `TruelineError` `unauthorized` when that was not so.
   */
  loginFromProvider(): Promise<UserView>;
  /** Ends the session at the server and here. What waits in the outbox is rejected. */
  logout(): Promise<void>;
  /** Connects again, now: out of `waiting`, or after `stopped`. */
  reconnect(): void;
  /** Resolves when connected; rejects when that will not happen by itself (`signed_out`, `stopped`). */
  online(signal?: AbortSignal): Promise<void>;
  /** For good. What waits in the outbox is rejected with a `ClientError` `closed`. */
  close(): void;

  /**
   * Sends a message. It waits in the outbox while there is no connection, and is sent again with its id after one was
   * lost, until the server answers. Rejects with a `TruelineError` when it is refused, saying which limit and when to
   * retry, or with a `ClientError` when it will not be sent any more.
   */
  send(text: string, options?: SendOptions): Promise<Ack>;
  /** Cancels a run. Rejects with a `TruelineError` `run_ended` or `not_found`. */
  cancel(runId: string): Promise<Ack>;
  /**
   * Sends a message and gives the events of its run, from `message_accepted` to the terminal one. A `reset` in between
   * ends the loop with a `ClientError` `reset`: load the thread then.
   */
  ask(text: string, options?: SendOptions): AsyncIterable<LogEvent>;

  agents(): Promise<readonly AgentView[]>;
  run(id: string): Promise<RunView>;
  /** Any other HTTP call as the user who is signed in: the administrators' routes, or routes that a team added. */
  call<T>(call: Call): Promise<T>;

  /** Gives the function that ends the subscription. Listeners are called in order; one that throws is reported as `trouble`. */
  on<Name extends keyof ClientEvents>(name: Name, listener: (value: ClientEvents[Name]) => void): () => void;
  /** Events from now on, for `for await`. Ends when the client is closed. */
  events(options?: EventsOptions): AsyncIterable<LogEvent>;
}
