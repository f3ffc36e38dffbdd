/**
 * Gives events to listeners, in order, and holds them back while a snapshot is loaded that has to be laid under them. Keeps the
 * position of what was given, for a program that goes on from there after its own restart.
 */
import type { LogEvent, Position } from "@trueline/protocol/wire";
import type { Backoff } from "./backoff.ts";
import { asError } from "./errors.ts";
import type { ConnectOptions, PositionStorage } from "./options.ts";
import type { Discontinuity } from "./types.ts";

export interface DeliveryOptions {
  readonly snapshot: ConnectOptions["snapshot"];
  readonly storage: PositionStorage | undefined;
  readonly backoff: Backoff;
  readonly onEvent: (event: LogEvent) => void;
  readonly onReset: (why: Discontinuity) => void;
  readonly onTrouble: (error: Error) => void;
}

/** Held events after which they are dropped and the snapshot is loaded anew: it is faster than applying them. */
const maxHeld = 50_000;

/** One snapshot being loaded, and what waits for it. A newer one takes its place. */
interface Hold {
  readonly why: Discontinuity;
  readonly events: LogEvent[];
  retry: ReturnType<typeof setTimeout> | undefined;
}

export class Delivery {
  readonly #options: DeliveryOptions;
  #hold: Hold | undefined;
  #position: Position | undefined;
  #owner: string | undefined;

  constructor(options: DeliveryOptions) {
    this.#options = options;
    const stored = options.storage?.read();
    if (!stored) return;
    const { userId, ...position } = stored;
    this.#owner = userId;
    this.#position = position;
  }

  /** Of the last event given to listeners. */
  get position(): Position | undefined {
    return this.#position;
  }

  /** Whose log the position is in. */
  get owner(): string | undefined {
    return this.#owner;
  }

  belongsTo(owner: string): void {
    this.#owner = owner;
  }

  discontinue(why: Discontinuity): void {
    this.#endHold();
    this.#options.onReset(why);
    if (this.#options.snapshot) {
      const hold: Hold = { why, events: [], retry: undefined };
      this.#hold = hold;
      void this.#load(hold);
    } else this.#moveTo(why.position);
  }

  give(events: readonly LogEvent[], epoch: string): void {
    const last = events.at(-1);
    if (!last) return;
    if (!this.#hold) {
      for (const event of events) this.#options.onEvent(event);
      this.#moveTo({ epoch, seq: last.seq });
    } else if (this.#hold.events.length + events.length > maxHeld) {
      this.discontinue({ cause: "reset", reason: "fell_behind", position: { epoch, seq: last.seq } });
    } else this.#hold.events.push(...events);
  }

  /** Forgets whose log it was and where in it: somebody else is signed in, or nobody. */
  forget(): void {
    this.stop();
    this.#position = undefined;
    this.#owner = undefined;
    this.#options.storage?.write(undefined);
  }

  stop(): void {
    this.#endHold();
  }

  async #load(hold: Hold): Promise<void> {
    const { snapshot, backoff } = this.#options;
    try {
      await snapshot?.(hold.why);
    } catch (error) {
      if (this.#hold !== hold) return;
      backoff.attempt();
      hold.retry = setTimeout(() => void this.#load(hold), backoff.delay());
      this.#options.onTrouble(asError(error));
      return;
    }
    if (this.#hold !== hold) return;
    backoff.succeeded();
    this.#hold = undefined;
    this.#moveTo(hold.why.position);
    this.give(hold.events, hold.why.position.epoch);
  }

  #endHold(): void {
    clearTimeout(this.#hold?.retry);
    this.#hold = undefined;
  }

  #moveTo(position: Position): void {
    this.#position = position;
    if (this.#owner !== undefined) this.#options.storage?.write({ ...position, userId: this.#owner });
  }
}
