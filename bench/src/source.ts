/**
 * The model: gives out streams of pieces at the pace of a workload. The same code feeds every peer, in the peer's server
 * process, so that its cost is in all figures alike. Counts what it gave out; that is what clients are checked against.
 */
import { makePiece } from "./piece.ts";
import type { Pace } from "./plan.ts";

interface Stream {
  /** When the next pieces are due, for a steady pace; milliseconds of `performance.now()`. */
  due: number;
  /** Wakes the stream with the number of pieces to give; there while it waits. */
  wake?: (pieces: number) => void;
}

export class Source {
  readonly emitted = new Map<string, number>();
  total = 0;
  readonly #pace: Pace;
  readonly #streams = new Set<Stream>();
  readonly #ticker: NodeJS.Timeout | undefined;
  #ended = false;
  #ahead = 0;
  #roundPlanned = false;

  constructor(pace: Pace) {
    this.#pace = pace;
    if (pace.kind === "steady") this.#ticker = setInterval(() => this.#wakeDue(), 1);
  }

  /** A stream of pieces, counted under `name`, until the source ends. */
  async *open(name: string): AsyncGenerator<string, void, undefined> {
    const stream: Stream = { due: performance.now() + phase(this.#streams.size, this.#pace) };
    this.#streams.add(stream);
    let index = 0;
    for (let pieces = this.#first(); ; pieces = await this.#next(stream)) {
      if (pieces === 0) break;
      for (const end = index + pieces; index < end; index++) {
        this.emitted.set(name, index + 1);
        this.total++;
        yield makePiece(index);
      }
    }
    this.#streams.delete(stream);
  }

  /** Held streams give that many more pieces. */
  release(pieces: number): void {
    this.#wakeAll(pieces);
  }

  /** How many pieces are on their way to sockets: more than the pace allows and a saturated source waits. */
  follow(ahead: number): void {
    this.#ahead = ahead;
    this.#planRound();
  }

  /** Every stream ends after what it gave out. */
  end(): void {
    this.#ended = true;
    clearInterval(this.#ticker);
    this.#wakeAll(0);
  }

  #first(): number {
    return 1;
  }

  #next(stream: Stream): Promise<number> | number {
    if (this.#ended) return 0;
    if (this.#pace.kind === "steady" && stream.due <= performance.now())
      return this.#take(stream, this.#pace);
    const woken = new Promise<number>((resolve) => {
      stream.wake = resolve;
    });
    this.#planRound();
    return woken;
  }

  #take(stream: Stream, pace: Pace & { kind: "steady" }): number {
    stream.due += pace.everyMs;
    return pace.pieces;
  }

  #wakeDue(): void {
    if (this.#pace.kind !== "steady") return;
    const now = performance.now();
    for (const stream of this.#streams) {
      if (stream.wake && stream.due <= now) wake(stream, this.#take(stream, this.#pace));
    }
  }

  /** Saturated: in each turn of the event loop every stream gives its pieces, while the readers follow. */
  #planRound(): void {
    if (this.#pace.kind !== "saturated" || this.#roundPlanned || this.#ahead > this.#pace.ahead) return;
    const { pieces } = this.#pace;
    this.#roundPlanned = true;
    setImmediate(() => {
      this.#roundPlanned = false;
      this.#wakeAll(this.#ended ? 0 : pieces);
    });
  }

  #wakeAll(pieces: number): void {
    for (const stream of this.#streams) if (stream.wake) wake(stream, pieces);
  }
}

function wake(stream: Stream, pieces: number): void {
  const resolve = stream.wake;
  delete stream.wake;
  resolve?.(pieces);
}

/** Spreads the streams evenly over the interval, as users are. */
const phase = (position: number, pace: Pace): number =>
  pace.kind === "steady" ? (position * 7.3) % pace.everyMs : 0;
