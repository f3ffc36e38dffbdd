/** The event log for a client without WebSocket: a cursor and nothing else. Made by the manager's place. */
import type { UserId } from "@trueline/kit";
import type { CloseReason, Position, ResetReason } from "@trueline/protocol";
import { closeCodes } from "@trueline/protocol";
import type { Visitor } from "../manager/manager.ts";
import { Cursor, type CursorListener } from "./cursor.ts";
import type { ConnectionHost } from "./host.ts";
import { resume } from "./resume.ts";
import type { Transport } from "./transport.ts";

export interface EventStreamOptions {
  readonly transport: Transport;
  readonly visitor: Visitor;
  readonly host: ConnectionHost;
}

export class EventStream implements CursorListener {
  readonly visitor: Visitor;
  readonly #transport: Transport;
  readonly #host: ConnectionHost;
  #state:
    | { readonly name: "starting" }
    | { readonly name: "open"; readonly cursor: Cursor }
    | { readonly name: "closed" } = {
    name: "starting",
  };

  constructor({ transport, visitor, host }: EventStreamOptions) {
    this.visitor = visitor;
    this.#transport = transport;
    this.#host = host;
  }

  /** Resolves when the stream is live or being replayed. */
  async start(position: Position | undefined): Promise<void> {
    const { log, observer, limits } = this.#host;
    const transport = this.#transport;
    const resumption = await resume(log, position, limits.replayEvents);
    if (this.#state.name === "closed") return;
    const owner = this.visitor.view.id as UserId;
    const cursor = new Cursor(
      { owner, log, transport, gather: true, observer, listener: this },
      resumption.seq,
    );
    this.#state = { name: "open", cursor };
    if (resumption.resumed === "reset") this.#reset(resumption.reason, resumption.seq);
    cursor.advance();
  }

  /** The carrier has room again. */
  drained(): void {
    if (this.#state.name === "open") this.#state.cursor.advance();
  }

  goAway(reconnectAfterMs: number): void {
    if (this.#state.name === "closed") return;
    this.#transport.control({ type: "going_away", reconnectAfterMs });
    this.close("going_away");
  }

  close(reason: CloseReason): void {
    this.closed();
    this.#transport.close(closeCodes[reason], reason);
  }

  /** The carrier is gone. */
  closed(): void {
    if (this.#state.name === "closed") return;
    if (this.#state.name === "open") this.#state.cursor.stop();
    this.#state = { name: "closed" };
    this.#host.connectionOnClosed(this);
  }

  cursorOnReset(reason: ResetReason): void {
    this.#reset(reason, this.#host.log.head);
  }

  cursorOnViolation(found: UserId): void {
    this.#host.connectionOnViolation("event stream", found);
    this.close("isolation_violation");
  }

  cursorOnFailure(error: unknown): void {
    this.#host.observer.logger.error({ err: error }, "a replay could not be read");
    this.close("internal_error");
  }

  #reset(reason: ResetReason, seq: number): void {
    const { log, observer } = this.#host;
    observer.reset(reason);
    this.#transport.control({ type: "reset", position: { epoch: log.epoch, seq }, reason });
  }
}
