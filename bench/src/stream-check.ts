/** Follows what one client is shown and counts what is lost, doubled or out of order, by the pieces and by the seqs. */
import { numberOf, pieceLength } from "./piece.ts";

/** The part of an event that is checked. All peers send the same events. */
export interface ShownEvent {
  readonly type: string;
  readonly seq: number;
  readonly firstSeq?: number;
  readonly data?: { readonly text?: string };
}

export class StreamCheck {
  /** Pieces seen so far: the number that the next one must have. */
  pieces = 0;
  doubled = 0;
  /** Events whose seq does not follow the one before. */
  seqFaults = 0;
  ended = false;
  /** Of the newest event; undefined before the first. */
  seq: number | undefined;
  #skipped = 0;

  see(event: ShownEvent): void {
    if (this.seq !== undefined && (event.firstSeq ?? event.seq) !== this.seq + 1) this.seqFaults++;
    this.seq = event.seq;
    if (event.type === "text_delta") this.#seeText(event.data?.text ?? "");
    if (event.type === "agent_completed") this.ended = true;
  }

  /** Pieces that did not come, of `emitted`. */
  lost(emitted: number): number {
    return this.#skipped + Math.max(0, emitted - this.pieces);
  }

  #seeText(text: string): void {
    for (let offset = 0; offset < text.length; offset += pieceLength) {
      const number = numberOf(text, offset);
      if (number < this.pieces) {
        this.doubled++;
        continue;
      }
      this.#skipped += number - this.pieces;
      this.pieces = number + 1;
    }
  }
}
