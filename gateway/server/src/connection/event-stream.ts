/** The event log for a client without WebSocket: a cursor and nothing else. Made by the manager's place. */
import type { UserId } from "@trueline/kit";
import type { CloseReason, Position } from "@trueline/protocol";
import { closeCodes } from "@trueline/protocol";
import type { UserLog } from "../log/user-log.ts";
import type { Visitor } from "../manager/manager.ts";
import type { Observer } from "../ports/observer.ts";
import { Cursor } from "./cursor.ts";
import { resume } from "./resume.ts";
import type { Transport } from "./transport.ts";

export interface EventStreamOptions {
  readonly log: UserLog;
  readonly transport: Transport;
  readonly visitor: Visitor;
  readonly replayEvents: number;
  readonly observer: Observer;
  readonly onViolation: (found: UserId) => void;
  readonly onClosed: (stream: EventStream) => void;
}

export class EventStream {
  readonly visitor: Visitor;
  readonly #options: EventStreamOptions;
  #state:
    | { readonly name: "starting" }
    | { readonly name: "open"; readonly cursor: Cursor }
    | { readonly name: "closed" } = {
    name: "starting",
  };

  constructor(options: EventStreamOptions) {
    this.#options = options;
    this.visitor = options.visitor;
  }

  /** Resolves when the stream is live or being replayed. */
  async start(position: Position | undefined): Promise<void> {
    const { log, transport, observer, replayEvents } = this.#options;
    const resumption = await resume(log, position, replayEvents);
    if (this.#state.name === "closed") return;
    const cursor = new Cursor(
      {
        owner: this.visitor.view.id as UserId,
        log,
        transport,
        gather: true,
        observer,
        onReset: (reason) => transport.control({ type: "reset", position: log.position, reason }),
        onViolation: (found) => {
          this.#options.onViolation(found);
          this.close("isolation_violation");
        },
        onFailure: (error) => {
          observer.logger.error({ err: error }, "a replay could not be read");
          this.close("internal_error");
        },
      },
      resumption.seq,
    );
    this.#state = { name: "open", cursor };
    if (resumption.resumed === "reset") {
      observer.reset(resumption.reason);
      transport.control({ type: "reset", position: log.position, reason: resumption.reason });
    }
    cursor.advance();
  }

  /** The carrier has room again. */
  drained(): void {
    if (this.#state.name === "open") this.#state.cursor.advance();
  }

  close(reason: CloseReason): void {
    this.closed();
    this.#options.transport.close(closeCodes[reason], reason);
  }

  /** The carrier is gone. */
  closed(): void {
    if (this.#state.name === "closed") return;
    if (this.#state.name === "open") this.#state.cursor.stop();
    this.#state = { name: "closed" };
    this.#options.onClosed(this);
  }
}
