/** What everything for one user goes through on a node. Got from `managers.for(user)` and from nowhere else (MG1). */
import type { RunId, SessionId, ThreadId, UserId } from "@trueline/kit";
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
import type { Connection } from "../connection/connection.ts";
import type { EventStream } from "../connection/event-stream.ts";
import type { Transport } from "../connection/transport.ts";

/** Where a request came from: it is attributed to it (RS7). `connectionId` is null for HTTP. */
export interface Origin {
  readonly connectionId: string | null;
  /** The network address, where the connection does not tell it. */
  readonly address?: string;
}

export interface SendRequest {
  /** The client's id for the message: its idempotency key (RS5). */
  readonly id: string;
  readonly text: string;
  /** Absent: a new thread. */
  readonly threadId?: string | undefined;
  readonly agent?: string | undefined;
  readonly whileActive?: "queue" | "steer" | undefined;
}

export interface Refusal {
  readonly code: ErrorCode;
  readonly message: string;
  readonly retryAfterMs?: number;
}

/** What became of a request (MG4). */
export type Outcome<T> = ({ readonly ok: true } & T) | ({ readonly ok: false } & Refusal);
export type SendOutcome = Outcome<SendResponse>;
export type CancelOutcome = Outcome<SendResponse>;

/** Who is at the other end of a connection. */
export interface Visitor {
  /** What `welcome` shows. */
  readonly view: UserView;
  /** The login it came by; null with a team's own accounts. Revoking it closes the connection. */
  readonly session: SessionId | null;
  /** Milliseconds since 1970 after which the connection is closed `token_expired`; absent: not by itself. */
  readonly expiresAt?: number | undefined;
}

/** One of the user's places for connections, taken (MG5). Used once: connected, or given back. */
export interface Place {
  connect(transport: Transport, visitor: Visitor): Connection;
  /** The same log for a client without WebSocket: from `position`, or live. */
  stream(transport: Transport, visitor: Visitor, position?: Position): EventStream;
  /** Gives an unused place back, when the handshake failed. */
  release(): void;
}

export interface Manager {
  readonly user: UserId;
  /** The head of the user's event log. */
  readonly position: Position;

  /** Takes a place for a connection, or names the limit, the count and when to try again. */
  admit(): Outcome<{ readonly place: Place }>;

  send(request: SendRequest, origin: Origin): Promise<SendOutcome>;
  cancel(runId: RunId, origin: Origin): Promise<CancelOutcome>;
  run(id: RunId): Promise<RunView | undefined>;

  listThreads(): Promise<ThreadListResponse>;
  /** Undefined when it is not the user's, or does not exist: the two are not told apart. */
  getThread(id: ThreadId): Promise<ThreadResponse | undefined>;
  createThread(title?: string): Promise<ThreadView>;
  renameThread(id: ThreadId, title: string): Promise<ThreadView | undefined>;
  deleteThread(id: ThreadId, origin: Origin): Promise<boolean>;
}
