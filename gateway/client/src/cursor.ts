/**
 * The place in the event log up to which everything was seen, and the judgement on each event that comes: new, seen
 * before, or not following. Nothing is given on that would leave a gap or come twice. Does no I/O.
 */
import type { LogEvent, Position } from "@trueline/protocol/wire";

export type Judgement =
  /** Follows exactly. `event` is what is new of it. */
  | { readonly kind: "new"; readonly event: LogEvent }
  | { readonly kind: "seen" }
  /** Something is missing between it and what was seen, or it cannot be cut exactly. */
  | { readonly kind: "broken"; readonly why: string };

type Delta = LogEvent<"text_delta">;

/** Deltas kept to cut a merged one that reaches back into what was seen. */
const tailLength = 256;

export class Cursor {
  #position: Position | undefined;
  /** The deltas that lead up to the position without another event between them. */
  #tail: Delta[] = [];

  get position(): Position | undefined {
    return this.#position;
  }

  moveTo(position: Position | undefined): void {
    this.#position = position;
    this.#tail = [];
  }

  take(event: LogEvent): Judgement {
    const position = this.#position;
    if (!position) return { kind: "broken", why: `event ${event.seq} came before a position` };
    const first = event.firstSeq ?? event.seq;
    if (event.seq <= position.seq) return { kind: "seen" };
    if (first > position.seq + 1) {
      return { kind: "broken", why: `event ${first} came where ${position.seq + 1} was due` };
    }
    const unseen = first === position.seq + 1 ? event : this.#cut(event, first, position.seq);
    if (!unseen) return { kind: "broken", why: `events ${first} to ${event.seq} overlap what was seen` };
    this.#advance(position, unseen);
    return { kind: "new", event: unseen };
  }

  #advance(position: Position, event: LogEvent): void {
    this.#position = { epoch: position.epoch, seq: event.seq };
    if (event.type !== "text_delta") {
      this.#tail = [];
      return;
    }
    if (this.#tail.at(-1)?.runId !== event.runId) this.#tail = [];
    this.#tail.push(event);
    if (this.#tail.length > tailLength) this.#tail.shift();
  }

  /**
   * The part of a merged delta that was not seen. It is exact, not guessed: what was seen from its first seq on is
   * known piece by piece, and its text must begin with it.
   */
  #cut(event: LogEvent, first: number, seen: number): Delta | undefined {
    if (event.type !== "text_delta") return undefined;
    const from = this.#tail.findIndex((delta) => (delta.firstSeq ?? delta.seq) === first);
    if (from < 0 || this.#tail[from]?.runId !== event.runId) return undefined;
    const prefix = this.#tail
      .slice(from)
      .map((delta) => delta.data.text)
      .join("");
    if (!event.data.text.startsWith(prefix)) return undefined;
    const { firstSeq: _, ...rest } = event;
    const range = seen + 1 < event.seq ? { firstSeq: seen + 1 } : {};
    return { ...rest, ...range, data: { text: event.data.text.slice(prefix.length) } };
  }
}
