/**
 * What the frames of a connection mean for the place in the event log: goes on, starts anew, or does not follow. The only
 * place that moves the cursor. Fed by connection.ts.
 */
import type { LogEvent, Position, ServerFrame, UserView, WelcomeFrame } from "@trueline/protocol/wire";
import type { Verdict } from "./connection.ts";
import { Cursor } from "./cursor.ts";
import type { Delivery } from "./delivery.ts";

export interface StreamListener {
  /** Somebody else is signed in than before; nothing of theirs may mix. */
  readonly onOtherUser: () => void;
  /** Whose events follow. Comes before anything of them is given. */
  readonly onUser: (user: UserView) => void;
}

export class Stream {
  readonly #cursor = new Cursor();
  readonly #delivery: Delivery;
  readonly #listener: StreamListener;
  /** New events of the text frame that is being read. */
  #fresh: LogEvent[] = [];
  /** What the last `hello` gave. */
  #greeted: Position | undefined;
  /** `welcome` announced a reset whose frame, with the reason, comes next. */
  #resetOwed: Position | undefined;
  /** Where events did not follow the last time. A second time at the same place, the position is given up. */
  #brokenAt: Position | undefined;
  #givenUp = false;

  constructor(delivery: Delivery, listener: StreamListener) {
    this.#delivery = delivery;
    this.#listener = listener;
    this.#cursor.moveTo(delivery.position);
  }

  /** For `hello`. */
  greet(): Position | undefined {
    this.#greeted = this.#cursor.position;
    this.#resetOwed = undefined;
    return this.#greeted;
  }

  welcome({ user, position, resumed }: WelcomeFrame): Verdict {
    const owner = this.#delivery.owner;
    if (owner !== undefined && owner !== user.id) {
      this.forget();
      this.#listener.onOtherUser();
      if (this.#greeted) return { ok: false, why: "another user is signed in now" };
    }
    this.#delivery.belongsTo(user.id);
    this.#listener.onUser(user);
    if (resumed === "replayed") {
      return this.#greeted && same(this.#greeted, position)
        ? { ok: true }
        : this.#broken("it resumed elsewhere");
    }
    this.#cursor.moveTo(position);
    if (resumed === "reset") this.#resetOwed = position;
    else this.#delivery.discontinue({ cause: this.#givenUp ? "unresolved" : "live", position });
    this.#givenUp = false;
    return { ok: true };
  }

  /** An event, or a `reset`. Frames that are neither pass. */
  frame(frame: ServerFrame): Verdict {
    if (frame.type === "reset") {
      this.#reset(frame);
      return { ok: true };
    }
    if (this.#resetOwed) {
      this.#delivery.discontinue({ cause: "reset", position: this.#resetOwed });
      this.#resetOwed = undefined;
    }
    return isEvent(frame) ? this.#event(frame) : { ok: true };
  }

  /** The text frame is read: what was new in it goes to listeners, whole. */
  flush(): void {
    const { position } = this.#cursor;
    const fresh = this.#fresh;
    this.#fresh = [];
    if (position) this.#delivery.give(fresh, position.epoch);
  }

  forget(): void {
    this.#cursor.moveTo(undefined);
    this.#fresh = [];
    this.#brokenAt = undefined;
    this.#delivery.forget();
  }

  #reset({ position, reason }: Extract<ServerFrame, { type: "reset" }>): void {
    this.flush();
    this.#resetOwed = undefined;
    this.#cursor.moveTo(position);
    this.#delivery.discontinue({ cause: "reset", position, reason });
  }

  #event(event: LogEvent): Verdict {
    const judged = this.#cursor.take(event);
    if (judged.kind === "broken") return this.#broken(judged.why);
    if (judged.kind === "new") this.#fresh.push(judged.event);
    return { ok: true };
  }

  #broken(why: string): Verdict {
    this.flush();
    const at = this.#cursor.position;
    if (at && this.#brokenAt && same(at, this.#brokenAt)) {
      this.#cursor.moveTo(undefined);
      this.#brokenAt = undefined;
      this.#givenUp = true;
    } else this.#brokenAt = at;
    return { ok: false, why };
  }
}

const same = (one: Position, other: Position): boolean => one.epoch === other.epoch && one.seq === other.seq;

/** By its seq and not by its type: an event of a newer server moves the position too. */
const isEvent = (frame: ServerFrame): frame is LogEvent => "seq" in frame && Number.isSafeInteger(frame.seq);
