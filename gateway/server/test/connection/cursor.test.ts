/** Cursors over one log, against a model: every drop, stall, trim and resume in every order. */

import { newId } from "@trueline/kit";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Cursor } from "../../src/connection/cursor.ts";
import { resume } from "../../src/connection/resume.ts";
import type { UserLog } from "../../src/log/user-log.ts";
import { silentObserver } from "../../src/ports/observer.ts";
import { HandTransport } from "../support/hand-transport.ts";
import { delta, type LogFixture, logFixture, thinking, turns } from "../support/log-fixture.ts";

const owner = newId("user");

/** A client that keeps its position over drops, as the contract asks. */
class Reader {
  transport = new HandTransport();
  cursor: Cursor | undefined;
  position: { epoch: string; seq: number } | undefined;
  /** Text of every step and delta, by seq. */
  readonly seen: number[] = [];
  resets = 0;
  readonly #log: UserLog;

  constructor(log: UserLog) {
    this.#log = log;
  }

  async connect(room: number, held: boolean): Promise<void> {
    this.drop();
    const transport = new HandTransport({ held, room });
    this.transport = transport;
    const resumption = await resume(this.#log, this.position, 100_000);
    if (resumption.resumed === "reset") this.#reset();
    this.position ??= { epoch: this.#log.epoch, seq: resumption.seq };
    if (resumption.resumed === "reset") this.position = { epoch: this.#log.epoch, seq: resumption.seq };
    this.cursor = new Cursor(
      {
        owner,
        log: this.#log,
        transport,
        gather: true,
        observer: silentObserver(),
        listener: {
          cursorOnReset: (reason) =>
            transport.control({ type: "reset", position: this.#log.position, reason }),
          cursorOnViolation: () => expect.fail("no violation can happen here"),
          cursorOnFailure: (error) => {
            throw error;
          },
        },
      },
      resumption.seq,
    );
    this.cursor.advance();
    this.take();
  }

  drop(): void {
    this.cursor?.stop();
    this.cursor = undefined;
  }

  flush(): void {
    this.transport.flush();
    this.take();
    this.cursor?.advance();
  }

  /** Reads what reached it, checking that nothing is missing, doubled or out of order. */
  take(): void {
    for (const frame of this.transport.received.splice(0)) {
      if (frame.type === "reset") {
        this.#reset();
        this.position = frame.position;
      } else if ("seq" in frame) {
        expect(frame.firstSeq ?? frame.seq).toBe((this.position?.seq ?? 0) + 1);
        for (let seq = frame.firstSeq ?? frame.seq; seq <= frame.seq; seq++) this.seen.push(seq);
        this.position = { epoch: this.#log.epoch, seq: frame.seq };
      }
    }
  }

  #reset(): void {
    this.resets++;
  }
}

type Step =
  | { readonly do: "append"; readonly deltas: number; readonly steps: number }
  | { readonly do: "connect"; readonly reader: number; readonly room: number; readonly held: boolean }
  | { readonly do: "drop" | "flush" | "release" | "hold"; readonly reader: number }
  | { readonly do: "trim" }
  | { readonly do: "turn"; readonly count: number };

const reader = fc.nat(2);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant("append" as const), deltas: fc.nat(6), steps: fc.nat(12) }),
  fc.record({
    do: fc.constant("connect" as const),
    reader,
    room: fc.integer({ min: 1, max: 3 }),
    held: fc.boolean(),
  }),
  fc.record({
    do: fc.constantFrom("drop" as const, "flush" as const, "release" as const, "hold" as const),
    reader,
  }),
  fc.record({ do: fc.constant("trim" as const) }),
  fc.record({ do: fc.constant("turn" as const), count: fc.integer({ min: 1, max: 4 }) }),
);

async function play(
  steps: readonly Step[],
): Promise<{ fixture: LogFixture; log: UserLog; readers: readonly Reader[] }> {
  const fixture = logFixture({ tailEvents: 4 });
  const log = await fixture.open(owner);
  const readers = [new Reader(log), new Reader(log), new Reader(log)];
  for (const each of steps) {
    await perform(each, fixture, log, readers);
    for (const one of readers) one.take();
  }
  return { fixture, log, readers };
}

async function perform(
  each: Step,
  fixture: LogFixture,
  log: UserLog,
  readers: readonly Reader[],
): Promise<void> {
  if (each.do === "append") {
    for (let index = 0; index < each.deltas; index++) void log.append(delta(`${index}`));
    for (let index = 0; index < each.steps; index++) void log.append(thinking(index + 1));
  } else if (each.do === "turn") await turns(each.count);
  else if (each.do === "trim") await fixture.store.trim(Number.POSITIVE_INFINITY, new Map());
  else {
    const one = readers[each.reader] as Reader;
    if (each.do === "connect") await one.connect(each.room, each.held);
    else if (each.do === "drop") one.drop();
    else if (each.do === "hold") one.transport.hold();
    else if (each.do === "flush") one.flush();
    else {
      one.transport.release();
      one.flush();
    }
  }
}

async function settle(log: UserLog, readers: readonly Reader[]): Promise<void> {
  for (const one of readers) if (!one.cursor) await one.connect(1, false);
  for (let round = 0; round < 50; round++) {
    for (const one of readers) {
      one.transport.release();
      one.flush();
    }
    await turns(2);
    if (readers.every((one) => one.position?.seq === log.head)) return;
  }
}

describe("cursors", () => {
  it("RS1: whatever drops, stalls and trims happen, each reader sees every event after its position once and in order, or is reset", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60, size: "max" }), async (steps) => {
        const { log, readers } = await play(steps);
        await turns(2);
        await settle(log, readers);
        for (const one of readers) {
          expect(one.position?.seq).toBe(log.head);
          one.drop();
        }
      }),
      { numRuns: 500 },
    );
  });

  it("BP1: a reader that takes nothing holds one write, however much is appended, and the others are not slowed", async () => {
    const fixture = logFixture({ tailEvents: 4 });
    const log = await fixture.open(owner);
    const [stalled, live] = [new Reader(log), new Reader(log)];
    await stalled.connect(1, true);
    await live.connect(1, false);
    for (let index = 0; index < 500; index++) await log.append(thinking(index + 1));
    live.take();
    expect(stalled.transport.buffered).toBe(1);
    expect(live.seen).toHaveLength(500);
    await settle(log, [stalled]);
    expect(stalled.seen).toEqual(live.seen);
    expect(stalled.resets).toBe(0);
  });

  it("BP1: a reader that falls off the end of what is kept is told so and goes on from the head", async () => {
    const fixture = logFixture({ tailEvents: 4 });
    const log = await fixture.open(owner);
    const stalled = new Reader(log);
    await stalled.connect(1, true);
    for (let index = 0; index < 100; index++) await log.append(thinking(index + 1));
    await fixture.store.trim(Number.POSITIVE_INFINITY, new Map());
    await settle(log, [stalled]);
    expect(stalled.resets).toBe(1);
    expect(stalled.position?.seq).toBe(100);
    await log.append(thinking(1));
    stalled.take();
    expect(stalled.seen.at(-1)).toBe(101);
  });

  it("RS3: the deltas of a run are replayed as one event a chunk, not one by one", async () => {
    const fixture = logFixture({ tailEvents: 4 });
    const log = await fixture.open(owner);
    for (let index = 0; index < 1000; index++) void log.append(delta(`${index} `));
    await log.append(thinking(2));
    const late = new Reader(log);
    late.position = { epoch: log.epoch, seq: 0 };
    await late.connect(100, false);
    await turns(20);
    const frames = late.transport.events;
    expect(frames.length).toBeLessThan(10);
    expect(
      frames
        .filter((event) => event.type === "text_delta")
        .map((event) => event.data.text)
        .join(""),
    ).toBe(Array.from({ length: 1000 }, (_, index) => `${index} `).join(""));
  });

  it("RS3: a long replay yields to the live traffic of other users", async () => {
    const fixture = logFixture({ tailEvents: 4 });
    const log = await fixture.open(owner);
    for (let index = 0; index < 5000; index++) void log.append(thinking(index + 1));
    await turns(2);
    const late = new Reader(log);
    late.position = { epoch: log.epoch, seq: 0 };
    const other = await fixture.open(newId("user"));
    await late.connect(10_000, false);
    await other.append(thinking(1));
    expect(late.transport.events.at(-1)?.seq ?? 0).toBeLessThan(log.head);
    await settle(log, [late]);
    expect(late.seen).toHaveLength(5000);
  });
});
