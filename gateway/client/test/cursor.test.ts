import type { LogEvent } from "@trueline/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Cursor } from "../src/cursor.ts";
import { logs } from "./arbitrary-log.ts";
import { merged } from "./model.ts";

const delta = (firstSeq: number, seq: number, text: string, runId = "r"): LogEvent => ({
  type: "text_delta",
  seq,
  ...(firstSeq < seq ? { firstSeq } : {}),
  at: "2026-01-01T00:00:00Z",
  threadId: "t",
  runId,
  data: { text },
});

const at = (seq: number): Cursor => {
  const cursor = new Cursor();
  cursor.moveTo({ epoch: "e", seq });
  return cursor;
};

describe("cursor", () => {
  it("RS1: whatever is sent again, merged otherwise, each event is given exactly once and in order", () => {
    const property = fc.property(
      logs,
      fc.array(fc.nat(), { maxLength: 8 }),
      fc.array(fc.boolean()),
      (model, jumps, joins) => {
        const cursor = at(0);
        const given: LogEvent[] = [];
        for (const jump of [...jumps, 0]) {
          // A server that goes back to any place that was seen.
          const from = jump % ((cursor.position?.seq ?? 0) + 1);
          const until = from + (jump % 17) + 1;
          const frames = merged(
            model.after(from),
            (seq) => joins[(seq + jump) % Math.max(joins.length, 1)] ?? false,
          );
          for (const event of jump === 0
            ? model.after(cursor.position?.seq ?? 0)
            : frames.filter(({ seq }) => seq <= until)) {
            const judged = cursor.take(event);
            if (judged.kind === "new") given.push(judged.event);
            if (judged.kind === "broken") break;
          }
        }
        expect(merged(given, () => true).map(({ firstSeq: _, ...rest }) => rest)).toEqual(
          merged(model.events, () => true).map(({ firstSeq: _, ...rest }) => rest),
        );
        let seq = 0;
        for (const event of given) {
          expect(event.firstSeq ?? event.seq).toBe(seq + 1);
          seq = event.seq;
        }
      },
    );
    fc.assert(property, { numRuns: 300 });
  });

  it("RS1: a merged delta that reaches back is cut where what was seen ends", () => {
    const cursor = at(4);
    cursor.take(delta(5, 6, "ab"));
    cursor.take(delta(7, 7, "c"));
    expect(cursor.take(delta(5, 9, "abcde"))).toEqual({ kind: "new", event: delta(8, 9, "de") });
    expect(cursor.position).toEqual({ epoch: "e", seq: 9 });
  });

  it("RS1: what cannot be cut exactly is not guessed", () => {
    const cursor = at(4);
    cursor.take(delta(5, 6, "ab"));
    const cases = [
      delta(6, 8, "bcd"),
      delta(4, 8, "xabcd"),
      delta(5, 8, "xycd"),
      delta(5, 8, "abcd", "other"),
    ];
    for (const event of cases) expect(cursor.take(event).kind).toBe("broken");
    expect(cursor.position?.seq).toBe(6);
    cursor.take(delta(7, 7, "c", "other"));
    expect(cursor.take(delta(5, 9, "abcde")).kind).toBe("broken");
  });

  it("EV3: a gap is told from a pause", () => {
    const cursor = at(4);
    expect(cursor.take(delta(6, 6, "x"))).toEqual({ kind: "broken", why: "event 6 came where 5 was due" });
    expect(cursor.take(delta(5, 5, "x")).kind).toBe("new");
    expect(cursor.take(delta(5, 5, "x")).kind).toBe("seen");
  });
});
