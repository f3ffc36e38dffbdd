import { describe, expect, it } from "vitest";
import { makePiece } from "../src/piece.ts";
import { StreamCheck } from "../src/stream-check.ts";

const delta = (seq: number, ...pieces: number[]) => ({
  type: "text_delta",
  ...(pieces.length > 1 ? { firstSeq: seq - pieces.length + 1 } : {}),
  seq,
  data: { text: pieces.map(makePiece).join("") },
});

function check(...events: ReturnType<typeof delta>[]) {
  const stream = new StreamCheck();
  for (const event of events) stream.see(event);
  return { lost: stream.lost(4), doubled: stream.doubled, seqFaults: stream.seqFaults };
}

describe("what a client is shown", () => {
  it("is whole, one piece a frame or merged", () => {
    const whole = { lost: 0, doubled: 0, seqFaults: 0 };
    expect(check(delta(7, 0), delta(8, 1), delta(9, 2), delta(10, 3))).toEqual(whole);
    expect(check(delta(7, 0), delta(10, 1, 2, 3))).toEqual(whole);
  });

  it("lacks what never came, in the middle and at the end", () => {
    expect(check(delta(7, 0), delta(9, 2), delta(10, 3))).toEqual({ lost: 1, doubled: 0, seqFaults: 1 });
    expect(check(delta(7, 0), delta(8, 1))).toEqual({ lost: 2, doubled: 0, seqFaults: 0 });
  });

  it("shows what came twice, and what came late", () => {
    expect(check(delta(7, 0), delta(10, 1, 2, 3), delta(10, 3))).toEqual({
      lost: 0,
      doubled: 1,
      seqFaults: 1,
    });
    expect(check(delta(7, 0), delta(9, 2), delta(8, 1), delta(10, 3))).toEqual({
      lost: 1,
      doubled: 1,
      seqFaults: 3,
    });
  });
});
