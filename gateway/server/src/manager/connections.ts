/** The connections of one user on this node: admits them within the limit, closes them when access ends. Owned by the manager. */
import { type Clock, invariant, newId, type SessionId, type UserId } from "@trueline/kit";
import type { CloseReason, Position, WireLimits } from "@trueline/protocol";
import { Connection } from "../connection/connection.ts";
import { EventStream } from "../connection/event-stream.ts";
import type { Transport } from "../connection/transport.ts";
import type { Limits } from "../limits.ts";
import type { UserLog } from "../log/user-log.ts";
import type { Observer } from "../ports/observer.ts";
import type { Manager, Outcome, Place, Visitor } from "./manager.ts";
import { tokenBucket } from "./token-bucket.ts";

/** What is closed: everything of the user, or what came by one session. */
export interface Revocation {
  readonly user: UserId;
  readonly session?: SessionId | undefined;
  /** A session that stays, as when a user changes the password on it. */
  readonly except?: SessionId | undefined;
  readonly reason: CloseReason;
}

export interface ConnectionsOptions {
  readonly user: UserId;
  readonly log: UserLog;
  readonly requests: Pick<Manager, "send" | "cancel">;
  readonly limits: Limits;
  readonly clock: Clock;
  readonly observer: Observer;
  /** A connection came or went. */
  readonly onChange: () => void;
}

export class Connections {
  readonly #options: ConnectionsOptions;
  readonly #open = new Set<Connection | EventStream>();
  /** Places taken whose handshake is not over. */
  #places = 0;

  constructor(options: ConnectionsOptions) {
    this.#options = options;
  }

  /** Open connections and places taken for one. */
  get count(): number {
    return this.#open.size + this.#places;
  }

  admit(): Outcome<{ readonly place: Place }> {
    const limit = this.#options.limits.connections;
    if (limit > 0 && this.count >= limit) {
      const message = `The limit "connections" is ${limit} at once and ${this.count} are open. Close one, or try again in 5 s.`;
      return { ok: false, code: "connection_limit", message, retryAfterMs: 5000 };
    }
    this.#places++;
    return { ok: true, place: this.#place() };
  }

  close({ session, except, reason }: Omit<Revocation, "user">): void {
    for (const connection of this.#open) {
      const own = connection.visitor.session;
      if (session !== undefined && own !== session) continue;
      if (except !== undefined && own === except) continue;
      connection.close(reason);
    }
  }

  closeExpired(now: number): void {
    for (const connection of this.#open) {
      const { expiresAt } = connection.visitor;
      if (expiresAt !== undefined && expiresAt <= now) connection.close("token_expired");
    }
  }

  /** Each is told another time to come back, so that they do not all come at once. */
  goAway(spreadMs: number): void {
    for (const connection of this.#open) {
      if (connection instanceof Connection) connection.goAway(Math.round(Math.random() * spreadMs));
      else connection.close("going_away");
    }
  }

  #place(): Place {
    let taken = true;
    const leave = (): void => {
      invariant(taken, "a place is used once");
      taken = false;
      this.#places--;
      this.#options.onChange();
    };
    return {
      release: leave,
      connect: (transport, visitor) => {
        leave();
        return this.#connect(transport, visitor);
      },
      stream: (transport, visitor, position) => {
        leave();
        return this.#stream(transport, visitor, position);
      },
    };
  }

  #connect(transport: Transport, visitor: Visitor): Connection {
    const { log, requests, limits, clock, observer } = this.#options;
    const connection = new Connection({
      id: newId("connection"),
      log,
      transport,
      visitor,
      requests,
      limits: wireLimits(limits),
      helloTimeoutMs: limits.helloTimeoutMs,
      replayEvents: limits.replayEvents,
      mayReceive: tokenBucket(limits.framesPerSecond, clock),
      observer,
      onViolation: (found) => this.#violated("connection", found),
      onClosed: (closed) => this.#left(closed),
    });
    this.#open.add(connection);
    return connection;
  }

  #stream(transport: Transport, visitor: Visitor, position: Position | undefined): EventStream {
    const { log, limits, observer } = this.#options;
    const stream = new EventStream({
      log,
      transport,
      visitor,
      replayEvents: limits.replayEvents,
      observer,
      onViolation: (found) => this.#violated("event stream", found),
      onClosed: (closed) => this.#left(closed),
    });
    this.#open.add(stream);
    stream.start(position).catch((error: unknown) => {
      observer.logger.error({ err: error }, "an event stream could not start");
      stream.close("internal_error");
    });
    return stream;
  }

  #left(connection: Connection | EventStream): void {
    this.#open.delete(connection);
    this.#options.onChange();
  }

  #violated(where: string, found: UserId): void {
    this.#options.observer.isolationViolated(where, this.#options.user, found);
  }
}

function wireLimits(limits: Limits): WireLimits {
  const { frameBytes, textLength, messagesPerMinute, runsAtOnce, connections } = limits;
  return { maxFrameBytes: frameBytes, maxTextLength: textLength, messagesPerMinute, runsAtOnce, connections };
}
