/** What `connect` takes: one table, each option with its unit and default. */
import type { Position, UserView } from "@trueline/protocol/wire";
import type { Discontinuity } from "./types.ts";

/** Where the session of the built-in accounts is kept between page loads. */
export interface SessionStorage {
  read(): StoredSession | undefined;
  /** Undefined: signed out. */
  write(session: StoredSession | undefined): void;
  /** Calls back when another tab wrote. Gives the function that ends it. */
  watch?(onChange: () => void): () => void;
  /**
   * Runs `act` while nobody else who shares this storage does. Refresh tokens rotate: two tabs that refresh at the same
   * time with the same token would sign each other out.
   */
  exclusively?<T>(act: () => Promise<T>): Promise<T>;
}

export interface StoredSession {
  readonly accessToken: string;
  readonly refreshToken: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  readonly user: UserView;
}

/** Where the position is kept, for a program that must not miss an event across its own restarts. */
export interface PositionStorage {
  read(): StoredPosition | undefined;
  /** Called after listeners were given what stands in one frame. */
  write(position: StoredPosition | undefined): void;
}
/** With whose log it belongs to: a position of one user says nothing about another's. */
export type StoredPosition = Position & { readonly userId: string };

/** What the client uses of a WebSocket: the global one, or another of the same shape (`ws`). */
export interface WebSocketLike {
  binaryType: string;
  onopen: ((event: never) => void) | null;
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  onclose: ((event: { readonly code: number; readonly reason: string }) => void) | null;
  onerror: ((event: never) => void) | null;
  send(data: string): void;
  close(code?: number, reason?: string): void;
}
export type WebSocketConstructor = new (
  url: string,
  protocols?: string | string[] | { protocols: string[]; headers: Record<string, string> },
) => WebSocketLike;

export interface Backoff {
  /** Milliseconds up to which the first reconnect waits. Doubles with each attempt; a random part of it is waited. Default 500. */
  readonly baseMs?: number;
  /** Most milliseconds between two attempts. Default 30,000. */
  readonly maxMs?: number;
}

export interface ConnectOptions {
  /** Of the gateway: `https://host[:port][/base]`. Default in a browser: the page's own origin. Elsewhere it must be given. */
  readonly url?: string;
  /** How this program names itself in `hello` and in the operations page. Default `trueline-client` and its version. */
  readonly client?: { readonly name: string; readonly version: string };

  /**
   * For a team's own accounts instead of `login`: gives a valid access token, a fresh one when `refresh` is true because
   * the last one was refused. Undefined means that nobody is signed in; call `reconnect()` when somebody is.
   */
  readonly getAccessToken?: (request: { readonly refresh: boolean }) => Promise<string | undefined>;
  /** Default: in memory. See `browserStorage`. */
  readonly session?: SessionStorage;
  /**
   * How the socket proves who it is. `ticket`: a single-use ticket in the URL, got over HTTP; works everywhere, and a
   * refusal says why. `bearer`: the access token in a header; saves a round trip, where the WebSocket takes headers
   * (Node's does, browsers do not). Default `ticket`.
   */
  readonly entry?: "ticket" | "bearer";

  /** Where to go on. Default: live from the head. */
  readonly position?: PositionStorage;
  /**
   * Loads what came before, over HTTP, whenever events do not follow on what was seen: at the first connection and after a
   * `reset`. Events are held back until it resolves. When it rejects, it is called again, after a back-off.
   */
  readonly snapshot?: (why: Discontinuity) => Promise<void>;

  /** False: every event in a frame of its own, no merged deltas. Default true. */
  readonly gather?: boolean;
  readonly backoff?: Backoff;
  /** Milliseconds from the start of an attempt to `welcome`. Default 10,000. */
  readonly connectTimeoutMs?: number;
  /** Milliseconds of silence after which the server is asked whether it is there. 0: never. Default 25,000. */
  readonly pingIntervalMs?: number;
  /** Milliseconds that it then has to answer before the socket counts as half-open and is replaced. Default 10,000. */
  readonly pongTimeoutMs?: number;
  /**
   * Milliseconds of both while a request waits for its answer or a run is open, where that is less: somebody is looking
   * then. Default 5,000.
   */
  readonly busyPingIntervalMs?: number;
  /** Milliseconds for one HTTP call. Default 30,000. */
  readonly requestTimeoutMs?: number;
  /** Messages and cancels that may wait for their answer; one more is rejected with `outbox_full`. Default 100. */
  readonly outboxSize?: number;

  /** Default: the global one. */
  readonly WebSocket?: WebSocketConstructor;
  /** Default: the global one. */
  readonly fetch?: typeof globalThis.fetch;
  /** A number in [0, 1). Default `Math.random`. */
  readonly random?: () => number;
}
