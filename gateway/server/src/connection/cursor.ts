/**
 * A place in a user's event log that moves to its head while the carrier has room. Live delivery, resume, a second
 * device and a slow reader are all this one act; there is no queue beside it.
 */
import type { UserId } from "@trueline/kit";
import type { ResetReason } from "@trueline/protocol";
import type { Batch } from "../log/batch.ts";
import type { LogListener, UserLog } from "../log/user-log.ts";
import type { Observer } from "../ports/observer.ts";
import type { Transport } from "./transport.ts";

export interface CursorOptions {
  /** Whose events may be written here, by the connection's own knowledge: checked against each batch (IS3). */
  readonly owner: UserId;
  readonly log: UserLog;
  readonly transport: Transport;
  readonly gather: boolean;
  readonly observer: Observer;
  readonly listener: CursorListener;
}

/** Whoever made the cursor. An object, not functions: there are as many cursors as connections. */
export interface CursorListener {
  /** The place is no longer kept; the cursor stands at the head now. */
  cursorOnReset(reason: ResetReason): void;
  /** A batch of another owner was about to be written; it was not, and the cursor has stopped. */
  cursorOnViolation(found: UserId): void;
  /** The store failed in the middle of a replay; the cursor has stopped. */
  cursorOnFailure(error: unknown): void;
}

export class Cursor implements LogListener {
  readonly #owner: UserId;
  readonly #log: UserLog;
  readonly #transport: Transport;
  readonly #gather: boolean;
  readonly #observer: Observer;
  readonly #listener: CursorListener;
  #state: "following" | "reading the store" | "stopped" = "following";
  #stalled = false;
  #seq: number;

  constructor(options: CursorOptions, seq: number) {
    this.#owner = options.owner;
    this.#log = options.log;
    this.#transport = options.transport;
    this.#gather = options.gather;
    this.#observer = options.observer;
    this.#listener = options.listener;
    this.#seq = seq;
    this.#log.listen(this);
  }

  /** Seq of the last event written. */
  get seq(): number {
    return this.#seq;
  }

  /** One of several listeners of a commit: what goes wrong with this carrier must not reach the others. */
  logOnGrowth(): void {
    try {
      this.advance();
    } catch (error) {
      this.stop();
      this.#listener.cursorOnFailure(error);
    }
  }

  /** Writes from here to the head while there is room. Called when the log has grown and when the carrier has drained. */
  advance(): void {
    while (this.#state === "following" && this.#seq < this.#log.head) {
      if (!this.#hasRoom(this.#transport.writable)) return;
      const batch = this.#log.batchAfter(this.#seq, this.#gather);
      if (!batch) {
        void this.#advanceFromStore();
        return;
      }
      this.#write(batch);
    }
  }

  stop(): void {
    this.#state = "stopped";
    this.#log.unlisten(this);
    if (this.#stalled) this.#observer.readerStalled(false);
    this.#stalled = false;
  }

  #hasRoom(writable: boolean): boolean {
    if (this.#stalled === writable) {
      this.#stalled = !writable;
      this.#observer.readerStalled(this.#stalled);
    }
    return writable;
  }

  async #advanceFromStore(): Promise<void> {
    this.#state = "reading the store";
    try {
      const batch = await this.#log.storedBatchAfter(this.#seq, this.#gather);
      // Between chunks the others get their turn (RS3).
      await new Promise((resolve) => setImmediate(resolve));
      if (!this.#resumeFollowing()) return;
      if (batch === "gone") this.#jumpToHead();
      else this.#write(batch);
    } catch (error) {
      if (!this.#resumeFollowing()) return;
      this.stop();
      this.#listener.cursorOnFailure(error);
      return;
    }
    this.advance();
  }

  /** False when the cursor was stopped while it waited for the store. */
  #resumeFollowing(): boolean {
    if (this.#state === "stopped") return false;
    this.#state = "following";
    return true;
  }

  #jumpToHead(): void {
    this.#seq = this.#log.head;
    this.#listener.cursorOnReset("fell_behind");
  }

  #write(batch: Batch): void {
    if (batch.owner !== this.#owner) {
      this.stop();
      this.#listener.cursorOnViolation(batch.owner);
      return;
    }
    this.#seq = batch.lastSeq;
    this.#transport.deliver(batch);
    this.#observer.delivered(batch.items.length, batch.characters);
  }
}
