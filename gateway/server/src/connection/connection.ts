/**
 * One socket of a user: answers its frames and carries a cursor over the user's event log. Holds its own user's log and
 * requests, and nothing that takes a user id (IS1). Made by the manager's place; fed by the carrier.
 */
import type { ConnectionId, RunId, UserId } from "@trueline/kit";
import { assertNever } from "@trueline/kit";
import {
  type AckFrame,
  type ClientFrame,
  type CloseReason,
  closeCodes,
  decodeClientFrame,
  type ErrorCode,
  type HelloFrame,
  type ResetReason,
  type ServerControlFrame,
  type WireLimits,
} from "@trueline/protocol";
import type { UserLog } from "../log/user-log.ts";
import type { Manager, Outcome, Visitor } from "../manager/manager.ts";
import type { Observer } from "../ports/observer.ts";
import { Cursor } from "./cursor.ts";
import { type Resumption, resume } from "./resume.ts";
import type { Transport } from "./transport.ts";

type State =
  | { readonly name: "greeting"; readonly deadline: NodeJS.Timeout }
  /** `hello` came; the log is being asked whether its position can be served. */
  | { readonly name: "resuming" }
  | { readonly name: "open"; readonly cursor: Cursor }
  | { readonly name: "closed" };

export interface ConnectionOptions {
  readonly id: ConnectionId;
  readonly log: UserLog;
  readonly transport: Transport;
  readonly visitor: Visitor;
  readonly requests: Pick<Manager, "send" | "cancel">;
  readonly limits: WireLimits;
  readonly helloTimeoutMs: number;
  readonly replayEvents: number;
  /** Whether one more frame may come now. */
  readonly mayReceive: () => boolean;
  readonly observer: Observer;
  readonly onViolation: (found: UserId) => void;
  readonly onClosed: (connection: Connection) => void;
}

export class Connection {
  readonly id: ConnectionId;
  readonly visitor: Visitor;
  readonly #options: ConnectionOptions;
  #state: State;

  constructor(options: ConnectionOptions) {
    this.id = options.id;
    this.visitor = options.visitor;
    this.#options = options;
    const deadline = setTimeout(() => this.#deadlineOnTimeout(), options.helloTimeoutMs);
    this.#state = { name: "greeting", deadline };
  }

  /** One text frame of the client. */
  receive(text: string): void {
    if (this.#state.name === "closed") return;
    if (!this.#options.mayReceive()) {
      this.fail("too_many_frames", "rate_limited", "Frames come faster than this connection may send them.");
      return;
    }
    const decoded = decodeClientFrame(text);
    if (decoded.ok) this.#dispatch(decoded.frame);
    else if (decoded.id !== undefined && this.#state.name === "open") {
      this.#refuse(decoded.id, { code: "invalid_request", message: decoded.message });
    } else this.fail("bad_frame", "invalid_request", decoded.message);
  }

  /** The carrier has room again. */
  drained(): void {
    if (this.#state.name === "open") this.#state.cursor.advance();
  }

  /** Tells the client what was wrong, then closes. */
  fail(reason: CloseReason, code: ErrorCode, message: string): void {
    this.#control({ type: "error", code, message });
    this.close(reason);
  }

  goAway(reconnectAfterMs: number): void {
    this.#control({ type: "going_away", reconnectAfterMs });
    this.close("going_away");
  }

  /** Nothing is delivered from here on. */
  close(reason: CloseReason): void {
    if (this.#state.name === "closed") return;
    this.closed();
    this.#options.transport.close(closeCodes[reason], reason);
  }

  /** The carrier is gone. */
  closed(): void {
    const state = this.#state;
    if (state.name === "closed") return;
    if (state.name === "greeting") clearTimeout(state.deadline);
    if (state.name === "open") state.cursor.stop();
    this.#state = { name: "closed" };
    this.#options.onClosed(this);
  }

  #deadlineOnTimeout(): void {
    this.fail("hello_timeout", "invalid_request", "No hello came in time.");
  }

  #dispatch(frame: ClientFrame): void {
    const state = this.#state;
    if (frame.type === "hello") {
      if (state.name === "greeting") this.#onHello(frame, state.deadline);
      else this.fail("wrong_order", "invalid_request", "hello comes once, as the first frame.");
      return;
    }
    if (state.name === "greeting") {
      this.fail("wrong_order", "invalid_request", `The first frame is hello, not ${frame.type}.`);
      return;
    }
    const { requests } = this.#options;
    const origin = { connectionId: this.id };
    switch (frame.type) {
      case "send":
        void this.#answer(frame.id, () => requests.send(frame, origin));
        break;
      case "cancel":
        void this.#answer(frame.id, () => requests.cancel(frame.runId as RunId, origin));
        break;
      case "ping":
        this.#control({ type: "pong", t: frame.t });
        break;
      default:
        assertNever(frame);
    }
  }

  #onHello(hello: HelloFrame, deadline: NodeJS.Timeout): void {
    clearTimeout(deadline);
    this.#state = { name: "resuming" };
    const { log, observer, replayEvents } = this.#options;
    resume(log, hello.position, replayEvents).then(
      (resumption) => this.#open(resumption, hello.gather ?? true),
      (error: unknown) => {
        observer.logger.error({ err: error, connectionId: this.id }, "a position could not be looked up");
        this.fail("internal_error", "store_unavailable", "The event log cannot be read at the moment.");
      },
    );
  }

  #open(resumption: Resumption, gather: boolean): void {
    if (this.#state.name !== "resuming") return;
    const { log, transport, limits, visitor } = this.#options;
    const cursor = this.#makeCursor(resumption.seq, gather);
    this.#state = { name: "open", cursor };
    transport.together(() => {
      const { resumed, seq } = resumption;
      const position = { epoch: log.epoch, seq };
      this.#control({
        type: "welcome",
        connectionId: this.id,
        user: visitor.view,
        position,
        resumed,
        limits,
      });
      if (resumption.resumed === "reset") this.#reset(resumption.reason, seq);
      else if (resumption.resumed === "replayed") this.#options.observer.replayed(log.head - seq);
      cursor.advance();
    });
  }

  #makeCursor(seq: number, gather: boolean): Cursor {
    const { log, transport, visitor, observer } = this.#options;
    return new Cursor(
      {
        owner: visitor.view.id as UserId,
        log,
        transport,
        gather,
        observer,
        onReset: (reason) => this.#reset(reason, log.head),
        onViolation: (found) => {
          this.#options.onViolation(found);
          this.fail(
            "isolation_violation",
            "internal_error",
            "The server stopped this connection to protect your data.",
          );
        },
        onFailure: (error) => {
          observer.logger.error({ err: error, connectionId: this.id }, "a replay could not be read");
          this.fail("internal_error", "store_unavailable", "The event log cannot be read at the moment.");
        },
      },
      seq,
    );
  }

  #reset(reason: ResetReason, seq: number): void {
    this.#options.observer.reset(reason);
    this.#control({ type: "reset", position: { epoch: this.#options.log.epoch, seq }, reason });
  }

  /** What became of a request is always said; an unforeseen error too (MG4). */
  async #answer(id: string, request: () => Promise<Outcome<Omit<AckFrame, "type" | "id">>>): Promise<void> {
    try {
      const outcome = await request();
      if (outcome.ok) {
        const { runId, threadId, messageId } = outcome;
        this.#control({ type: "ack", id, runId, threadId, messageId });
      } else this.#refuse(id, outcome);
    } catch (error) {
      this.#options.observer.logger.error({ err: error, connectionId: this.id }, "a request failed");
      this.#refuse(id, { code: "internal_error", message: "The server failed on this request. Try again." });
    }
  }

  #refuse(
    id: string,
    { code, message, retryAfterMs }: { code: ErrorCode; message: string; retryAfterMs?: number },
  ): void {
    this.#options.observer.sendRefused(code);
    this.#control({
      type: "refused",
      id,
      code,
      message,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    });
  }

  #control(frame: ServerControlFrame): void {
    if (this.#state.name !== "closed") this.#options.transport.control(frame);
  }
}
