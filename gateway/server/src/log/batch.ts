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
  /** Seq of the last event in it; at least one event is. */
  readonly lastSeq: number;
  readonly items: readonly BatchItem[];
  /** Where a carrier keeps the batch in its own encoding, so that the next connection need not encode it again. */
  encoded: Uint8Array | undefined;
  #text: string | undefined;

  constructor(owner: UserId, epoch: string, items: readonly BatchItem[], lastSeq: number) {
    this.owner = owner;
    this.epoch = epoch;
    this.items = items;
    this.lastSeq = lastSeq;
  }

  /** One JSON object, or an array of them where there are several. */
  get text(): string {
    this.#text ??=
      this.items.length === 1
        ? (this.items[0] as BatchItem).json
        : `[${this.items.map((item) => item.json).join(",")}]`;
    return this.#text;
  }
}
