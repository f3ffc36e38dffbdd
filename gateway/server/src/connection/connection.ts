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
import type { Limits } from "../limits.ts";
import type { Outcome, Visitor } from "../manager/manager.ts";
import { Cursor, type CursorListener } from "./cursor.ts";
import type { ConnectionHost } from "./host.ts";
import { pace, unpaced } from "./pace.ts";
import { type Resumption, resume } from "./resume.ts";
import type { Transport } from "./transport.ts";

type State =
  | { readonly name: "greeting"; readonly deadline: NodeJS.Timeout }
  /** `hello` came; the log is being asked whether its position can be served. What comes meanwhile is answered after `welcome`. */
  | { readonly name: "resuming"; readonly held: string[] }
  | { readonly name: "open"; readonly cursor: Cursor }
  | { readonly name: "closed" };

export interface ConnectionOptions {
  readonly id: ConnectionId;
  readonly transport: Transport;
  readonly visitor: Visitor;
  readonly host: ConnectionHost;
}

export class Connection implements CursorListener {
  readonly id: ConnectionId;
  readonly visitor: Visitor;
  readonly #transport: Transport;
  readonly #host: ConnectionHost;
  #state: State;
  /** For the pace of the client's frames. */
  #paidUntil = unpaced;

  constructor({ id, transport, visitor, host }: ConnectionOptions) {
    this.id = id;
    this.visitor = visitor;
    this.#transport = transport;
    this.#host = host;
    const deadline = setTimeout(() => this.#deadlineOnTimeout(), host.limits.helloTimeoutMs);
    this.#state = { name: "greeting", deadline };
  }

  /** One text frame of the client. */
  receive(text: string): void {
    if (this.#state.name === "closed") return;
    if (!this.#mayReceive()) {
      this.fail("too_many_frames", "rate_limited", "Frames come faster than this connection may send them.");
      return;
    }
    if (this.#state.name === "resuming") this.#hold(this.#state.held, text);
    else this.#take(text);
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
    this.#transport.close(closeCodes[reason], reason);
  }

  /** The carrier is gone. */
  closed(): void {
    const state = this.#state;
    if (state.name === "closed") return;
    if (state.name === "greeting") clearTimeout(state.deadline);
    if (state.name === "open") state.cursor.stop();
    this.#state = { name: "closed" };
    this.#host.connectionOnClosed(this);
  }

  cursorOnReset(reason: ResetReason): void {
    this.#reset(reason, this.#host.log.head);
  }

  cursorOnViolation(found: UserId): void {
    this.#host.connectionOnViolation("connection", found);
    const message = "The server stopped this connection to protect your data.";
    this.fail("isolation_violation", "internal_error", message);
  }

  cursorOnFailure(error: unknown): void {
    this.#logUnreadable(error, "a replay could not be read");
  }

  #mayReceive(): boolean {
    const { limits, clock } = this.#host;
    const paidUntil = pace(this.#paidUntil, limits.framesPerSecond, clock.monotonic());
    if (paidUntil !== undefined) this.#paidUntil = paidUntil;
    return paidUntil !== undefined;
  }

  #take(text: string): void {
    const decoded = decodeClientFrame(text);
    if (decoded.ok) this.#dispatch(decoded.frame);
    else if (decoded.id !== undefined && this.#state.name === "open") {
      this.#refuse(decoded.id, { code: "invalid_request", message: decoded.message });
    } else this.fail("bad_frame", "invalid_request", decoded.message);
  }

  /** A client that does not wait for `welcome` may be ahead by one largest frame, and no more: it costs memory. */
  #hold(held: string[], text: string): void {
    held.push(text);
    const characters = held.reduce((sum, { length }) => sum + length, 0);
    if (characters <= this.#host.limits.frameBytes) return;
    this.fail("wrong_order", "invalid_request", "Too much was sent before welcome: wait for it.");
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
    const { requests } = this.#host;
    const { address } = this.visitor;
    const origin = { connectionId: this.id, ...(address === undefined ? {} : { address }) };
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
    const held: string[] = [];
    this.#state = { name: "resuming", held };
    const { log, limits } = this.#host;
    resume(log, hello.position ?? undefined, limits.replayEvents).then(
      (resumption) => this.#open(resumption, hello.gather ?? true, held),
      (error: unknown) => this.#logUnreadable(error, "a position could not be looked up"),
    );
  }

  #logUnreadable(error: unknown, what: string): void {
    this.#host.observer.logger.error({ err: error, connectionId: this.id }, what);
    this.fail("internal_error", "store_unavailable", "The event log cannot be read at the moment.");
  }

  #open(resumption: Resumption, gather: boolean, held: readonly string[]): void {
    if (this.#state.name !== "resuming") return;
    const { log, limits, observer } = this.#host;
    const cursor = this.#makeCursor(resumption.seq, gather);
    this.#state = { name: "open", cursor };
    this.#transport.together(() => {
      const { resumed, seq } = resumption;
      this.#control({
        type: "welcome",
        connectionId: this.id,
        user: this.visitor.view,
        position: { epoch: log.epoch, seq },
        resumed,
        limits: wireLimits(limits),
      });
      if (resumption.resumed === "reset") this.#reset(resumption.reason, seq);
      else if (resumption.resumed === "replayed") observer.replayed(log.head - seq);
      cursor.advance();
    });
    for (const text of held) if (this.#state.name === "open") this.#take(text);
  }

  #makeCursor(seq: number, gather: boolean): Cursor {
    const { log, observer } = this.#host;
    const owner = this.visitor.view.id as UserId;
    return new Cursor({ owner, log, transport: this.#transport, gather, observer, listener: this }, seq);
  }

  #reset(reason: ResetReason, seq: number): void {
    const { log, observer } = this.#host;
    observer.reset(reason);
    this.#control({ type: "reset", position: { epoch: log.epoch, seq }, reason });
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
      this.#host.observer.logger.error({ err: error, connectionId: this.id }, "a request failed");
      this.#refuse(id, { code: "internal_error", message: "The server failed on this request. Try again." });
    }
  }

  #refuse(
    id: string,
    { code, message, retryAfterMs }: { code: ErrorCode; message: string; retryAfterMs?: number },
  ): void {
    this.#host.observer.sendRefused(code);
    this.#control({
      type: "refused",
      id,
      code,
      message,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    });
  }

  #control(frame: ServerControlFrame): void {
    if (this.#state.name !== "closed") this.#transport.control(frame);
  }
}

function wireLimits(limits: Limits): WireLimits {
  const { frameBytes, textLength, messagesPerMinute, runsAtOnce, connections } = limits;
  return { maxFrameBytes: frameBytes, maxTextLength: textLength, messagesPerMinute, runsAtOnce, connections };
}
