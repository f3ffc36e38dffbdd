/** Neighbouring events of one log, made ready to be written: built once, shared by all connections at the same place. */
import type { UserId } from "@trueline/kit";
import type { EventType } from "@trueline/protocol";

export interface BatchItem {
  readonly seq: number;
  /** Differs from `seq` on merged deltas. */
  readonly firstSeq: number;
  readonly type: EventType;
  /** The event as it goes over the wire. */
  readonly json: string;
}

export class Batch {
  readonly owner: UserId;
  readonly epoch: string;
  readonly items: readonly BatchItem[];
  /** Whether the reader takes several events in one frame, as an array. */
  readonly gather: boolean;
  /** Where a carrier keeps the batch in its own encoding, so that the next connection need not encode it again. */
  encoded: Uint8Array | undefined;

  /** At least one item. */
  constructor(owner: UserId, epoch: string, items: readonly BatchItem[], gather: boolean) {
    this.owner = owner;
    this.epoch = epoch;
    this.items = items;
    this.gather = gather;
  }

  /** Seq of the last event in it. */
  get lastSeq(): number {
    return (this.items.at(-1) as BatchItem).seq;
  }

  get characters(): number {
    return this.items.reduce((sum, { json }) => sum + json.length, 0);
  }

  /** What each frame holds: one JSON object, or where the reader gathers, an array of all. */
  frames(): readonly string[] {
    const all = this.items.map(({ json }) => json);
    return this.gather && all.length > 1 ? [`[${all.join(",")}]`] : all;
  }
}
