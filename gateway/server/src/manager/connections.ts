/** The connections of one user on this node: admits them within the limit, closes them when access ends. Owned by the manager. */
import { type Clock, invariant, newId, type SessionId, type UserId } from "@trueline/kit";
import type { CloseReason, Position } from "@trueline/protocol";
import { Connection } from "../connection/connection.ts";
import { EventStream } from "../connection/event-stream.ts";
import type { ConnectionHost } from "../connection/host.ts";
import type { Transport } from "../connection/transport.ts";
import type { Limits } from "../limits.ts";
import type { UserLog } from "../log/user-log.ts";
import type { Observer } from "../ports/observer.ts";
import type { Manager, Outcome, Place, Visitor } from "./manager.ts";

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

export class Connections implements ConnectionHost {
  readonly log: UserLog;
  readonly requests: Pick<Manager, "send" | "cancel">;
  readonly limits: Limits;
  readonly clock: Clock;
  readonly observer: Observer;
  readonly #user: UserId;
  readonly #onChange: () => void;
  readonly #open = new Set<Connection | EventStream>();
  /** Places taken whose handshake is not over. */
  #places = 0;
  /** From `goAway` on. */
  #spreadMs: number | undefined;

  constructor(options: ConnectionsOptions) {
    this.log = options.log;
    this.requests = options.requests;
    this.limits = options.limits;
    this.clock = options.clock;
    this.observer = options.observer;
    this.#user = options.user;
    this.#onChange = options.onChange;
  }

  /** Open connections and places taken for one. */
  get count(): number {
    return this.#open.size + this.#places;
  }

  admit(): Outcome<{ readonly place: Place }> {
    const limit = this.limits.connections;
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
    this.#spreadMs = spreadMs;
    for (const connection of this.#open) connection.goAway(reconnectAfterMs(spreadMs));
  }

  connectionOnClosed(connection: Connection | EventStream): void {
    this.#open.delete(connection);
    this.#onChange();
  }

  connectionOnViolation(where: string, found: UserId): void {
    this.observer.isolationViolated(where, this.#user, found);
  }

  #place(): Place {
    let taken = true;
    const leave = (): void => {
      invariant(taken, "a place is used once");
      taken = false;
      this.#places--;
      this.#onChange();
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
    const connection = new Connection({ id: newId("connection"), transport, visitor, host: this });
    this.#enter(connection);
    return connection;
  }

  #stream(transport: Transport, visitor: Visitor, position: Position | undefined): EventStream {
    const stream = new EventStream({ transport, visitor, host: this });
    this.#enter(stream);
    stream.start(position).catch((error: unknown) => {
      this.observer.logger.error({ err: error }, "an event stream could not start");
      stream.close("internal_error");
    });
    return stream;
  }

  /** One whose place was taken before the drain told the others is told as soon as its carrier can write. */
  #enter(connection: Connection | EventStream): void {
    this.#open.add(connection);
    const spreadMs = this.#spreadMs;
    if (spreadMs !== undefined) setImmediate(() => connection.goAway(reconnectAfterMs(spreadMs)));
  }
}

const reconnectAfterMs = (spreadMs: number): number => Math.round(Math.random() * spreadMs);
