/** A carrier that the test flushes by hand: a race is written down, not slept for. Speaks to a `Connection` as a socket does. */
import type { LogEvent, ServerControlFrame, ServerFrame } from "@trueline/protocol";
import type { Transport } from "../../src/connection/transport.ts";
import type { Batch } from "../../src/log/batch.ts";

export class HandTransport implements Transport {
  /** What has reached the peer, in order. */
  readonly received: ServerFrame[] = [];
  /** Code of the close that the server asked for. */
  closedWith: number | undefined;
  /** Frames that wait in the socket's buffer. */
  readonly #buffer: ServerFrame[] = [];
  readonly #room: number;
  #held: boolean;

  /** Holds at most `room` writes until `flush()`; `held` false: every write arrives at once. */
  constructor(options: { readonly held?: boolean; readonly room?: number } = {}) {
    this.#held = options.held ?? false;
    this.#room = options.room ?? 1;
  }

  get writable(): boolean {
    return this.#buffer.length < this.#room;
  }

  get buffered(): number {
    return this.#buffer.length;
  }

  get events(): LogEvent[] {
    return this.received.filter((frame): frame is LogEvent => "seq" in frame);
  }

  control(frame: ServerControlFrame): void {
    this.#write([frame]);
  }

  deliver(batch: Batch): void {
    this.#write(batch.frames().flatMap((frame) => JSON.parse(frame) as ServerFrame | ServerFrame[]));
  }

  together(write: () => void): void {
    write();
  }

  close(code: number): void {
    this.closedWith = code;
  }

  hold(): void {
    this.#held = true;
  }

  /** The peer reads everything that waits. The caller then tells the connection that it drained. */
  flush(): void {
    this.received.push(...this.#buffer.splice(0));
  }

  release(): void {
    this.#held = false;
    this.flush();
  }

  #write(frames: readonly ServerFrame[]): void {
    if (this.#held) this.#buffer.push(...frames);
    else this.received.push(...frames);
  }
}
