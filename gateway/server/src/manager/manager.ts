/** What everything for one user goes through on a node, and the one way to it: `managers.for(user)` (MG1). */
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
import type { Revocation } from "./connections.ts";

/** Where a request came from: it is attributed to it (RS7). `connectionId` is null for HTTP. */
export interface Origin {
  readonly connectionId: string | null;
  /** The network address; absent where it is not known. */
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
  /** The network address that it came from. */
  readonly address?: string;
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

/** What there is on this node at a moment. */
export interface Counts {
  readonly managers: number;
  readonly connections: number;
  /** Whatever keeps a manager: running, queued, being accepted or taken over. */
  readonly runs: number;
  /** Of them, those that have their thread, and those that wait for it. */
  readonly running: number;
  readonly queued: number;
}

export interface Managers {
  /** The user's manager. Two first calls at once get the same one. Rejects with a TruelineError without a user (MG2). */
  for(user: UserId): Promise<Manager>;
  /** Takes over what a crash left open (RN3). Once, at start. Gives the number of runs that were open. */
  takeOver(): Promise<number>;
  /** Users whose runs could not be taken over at start; they are tried again until they can, and serve nobody till then. */
  readonly usersLeft: number;
  /** Closes connections of a user; nothing is delivered to them once it returns (AU3). */
  revoke(revocation: Revocation): void;
  /** Drops the managers that were idle for long enough, and the connections whose access has run out. */
  sweep(): void;
  /** Numbers of this moment, for the operations page. */
  counts(): Counts;
  /** Open connections of one user on this node. */
  connectionsOf(user: UserId): number;
  /** Tells every connection to come back later, spread over `spreadMs`, and brings the runs to a checkpoint (DR1). */
  drain(spreadMs: number): Promise<void>;
  /** The grace is over: stops executing and writes nothing more. What is open is taken over at the next start. */
  abandon(): void;
}
