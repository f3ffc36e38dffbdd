/** What everything for one user goes through on a node. Got from `managers.for(user)` and from nowhere else (MG1). */
import type { RunId, ThreadId, UserId } from "@trueline/kit";
import type {
  ErrorCode,
  Position,
  RunView,
  SendResponse,
  ThreadListResponse,
  ThreadResponse,
  ThreadView,
  UserView,
} from "@trueline/protocol";
import type { Connection, ConnectionTransport } from "../connection/connection.ts";
import type { EventStream, EventStreamSink } from "../connection/event-stream.ts";

/** Where a request came from: it is attributed to it (RS7). `connectionId` is null for HTTP. */
export interface Origin {
  readonly connectionId: string | null;
}

export interface SendRequest {
  /** The client's id for the message: its idempotency key (RS5). */
  readonly id: string;
  readonly text: string;
  /** Absent: a new thread. */
  readonly threadId?: string;
  readonly agent?: string;
  readonly whileActive?: "queue" | "steer";
}

export interface Refusal {
  readonly code: ErrorCode;
  readonly message: string;
  readonly retryAfterMs?: number;
}

/** What became of a send or cancel (MG4). */
export type Outcome<T> = ({ readonly ok: true } & T) | ({ readonly ok: false } & Refusal);
export type SendOutcome = Outcome<SendResponse>;
export type CancelOutcome = Outcome<SendResponse>;

export interface Manager {
  readonly user: UserId;
  readonly position: Position;

  /**
   * Takes a place among the user's connections and gives a connection on it (MG5). Checked and taken in one step.
   * `user` is what `welcome` shows of who signed in.
   */
  connect(transport: ConnectionTransport, user: UserView): Outcome<{ readonly connection: Connection }>;
  /** The same log for a client without WebSocket; from `position`, or live. */
  stream(sink: EventStreamSink, position?: Position): Outcome<{ readonly stream: EventStream }>;

  send(request: SendRequest, origin: Origin): Promise<SendOutcome>;
  cancel(runId: RunId, origin: Origin): Promise<CancelOutcome>;
  run(id: RunId): Promise<RunView | undefined>;

  listThreads(): Promise<ThreadListResponse>;
  /** Undefined when it is not the user's, or does not exist: the two are not told apart. */
  getThread(id: ThreadId): Promise<ThreadResponse | undefined>;
  createThread(title?: string): Promise<ThreadView>;
  renameThread(id: ThreadId, title: string): Promise<ThreadView | undefined>;
  deleteThread(id: ThreadId): Promise<boolean>;
}
