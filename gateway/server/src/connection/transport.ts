/** What a connection needs of the thing that carries it. The node package has one over a socket, the tests one flushed by hand. */
import type { ServerControlFrame } from "@trueline/protocol";
import type { Batch } from "../log/batch.ts";

export interface Transport {
  /**
   * False while bytes wait that the peer has not taken. Nothing more is delivered then, until the carrier calls
   * `drained()`. A carrier without room also stops reading, so that answers cannot pile up either (BP1).
   */
  readonly writable: boolean;
  /** Writes the events of one batch, as one frame or one write. */
  deliver(batch: Batch): void;
  control(frame: ServerControlFrame): void;
  /** Everything that `write` does reaches the socket as one write. */
  together(write: () => void): void;
  /** Closes after what was written. The code and reason are of close-codes.ts. Calls `closed()` in the end. */
  close(code: number, reason: string): void;
}
