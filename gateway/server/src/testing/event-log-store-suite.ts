/**
 * What every `EventLogStore` promises. Adapters call it from their own tests:
 * `eventLogStoreSuite("SQLite", async (clock) => …)`.
 */
import type { Clock, UserId } from "@trueline/kit";
import { describe, expect, it } from "vitest";
import type { EventLogStore, LogAppend, LogRecord, StoredRecord } from "../ports/event-log-store.ts";

export interface EventLogStoreUnderTest {
  readonly store: EventLogStore;
  /** The same store after an orderly restart of the process. */
  reopen(): Promise<EventLogStore>;
  close(): Promise<void>;
}

const ada = "usr_ada" as UserId;
const bob = "usr_bob" as UserId;
const everything = { records: Number.POSITIVE_INFINITY, bytes: Number.POSITIVE_INFINITY };
const nothingKept: ReadonlyMap<UserId, number> = new Map();

export function eventLogStoreSuite(
  name: string,
  make: (clock: Clock) => Promise<EventLogStoreUnderTest>,
  /** `volatile`: nothing outlives its process, so there is no restart to test. */
  options: { readonly volatile?: boolean } = {},
): void {
  /** A store whose clock stands until the test moves it. */
  const withStore =
    (test: (store: EventLogStore, time: { now: number }, made: EventLogStoreUnderTest) => Promise<void>) =>
    async () => {
      const time = { now: 1_000 };
      const made = await make({ now: () => time.now, monotonic: () => time.now });
      try {
        await test(made.store, time, made);
      } finally {
        await made.close();
      }
    };

  describe(`EventLogStore: ${name}`, () => {
    describe("append and head", () => appendTests(withStore));
    describe("read", () => readTests(withStore));
    describe("trim", () => trimTests(withStore));
    if (!options.volatile) describe("restart", () => restartTests(withStore));
  });
}

type WithStore = (
  test: (store: EventLogStore, time: { now: number }, made: EventLogStoreUnderTest) => Promise<void>,
) => () => Promise<void>;

function appendTests(withStore: WithStore): void {
  it(
    "RS1: the head of a user without events is 0, in an epoch all users share",
    withStore(async (store) => {
      const head = await store.head(ada);
      expect(head).toMatchObject({ seq: 0, firstSeq: 1 });
      expect(head.epoch).toMatch(/^[\w-]{1,64}$/);
      expect((await store.head(bob)).epoch).toBe(head.epoch);
    }),
  );

  it(
    "EV3: seqs rise by one per event of a user, each user for itself",
    withStore(async (store) => {
      expect(await store.append([entry(ada, "a1", "a2"), entry(bob, "b1")])).toEqual([1, 1]);
      expect(await store.append([entry(bob, "b2"), entry(ada, "a3")])).toEqual([2, 3]);
      expect(await store.head(ada)).toMatchObject({ seq: 3, firstSeq: 1 });
      expect(await store.head(bob)).toMatchObject({ seq: 2, firstSeq: 1 });
    }),
  );

  it(
    "EV3: appends that are begun together get seqs in the order of the calls",
    withStore(async (store) => {
      const seqs = await Promise.all(names("e", 50).map((body) => store.append([entry(ada, body)])));
      expect(seqs.flat()).toEqual(names("e", 50).map((_, index) => index + 1));
      expect(bodies(await store.read(ada, 0, everything))).toEqual(names("e", 50));
    }),
  );

  it(
    "MG4: a batch in which one entry cannot be taken changes nothing",
    withStore(async (store) => {
      await expect(store.append([entry(ada, "a1"), entry(bob)])).rejects.toThrow("no records");
      await expect(store.append([entry(ada, "a1"), entry(ada, "a2")])).rejects.toThrow("twice");
      expect((await store.head(ada)).seq).toBe(0);
      expect(await store.append([entry(ada, "a1")])).toEqual([1]);
    }),
  );

  it(
    "MG4: an empty batch is nothing",
    withStore(async (store) => {
      expect(await store.append([])).toEqual([]);
    }),
  );
}

function readTests(withStore: WithStore): void {
  it(
    "RS1: what is read after a position is exactly what was appended after it, with type and body to the letter",
    withStore(async (store) => {
      const odd = ['{"text":"ü€😀\u2028"}', "", '"\u0000\n"', "x".repeat(100_000)];
      await store.append([{ owner: ada, records: odd.map((body) => ({ type: "agent_thinking", body })) }]);
      await store.append([{ owner: ada, records: [{ type: "thread_deleted", body: "last" }] }]);
      expect(await store.read(ada, 1, everything)).toEqual([
        ...odd.slice(1).map((body, index) => stored(ada, index + 2, body, "agent_thinking")),
        stored(ada, 5, "last", "thread_deleted"),
      ]);
      expect(await store.read(ada, 5, everything)).toEqual([]);
      expect(await store.read(ada, 99, everything)).toEqual([]);
    }),
  );

  it(
    "RS3: a read stops at either bound, but gives at least one record",
    withStore(async (store) => {
      await store.append([entry(ada, "11111", "22222"), entry(bob, "b")]);
      await store.append([entry(ada, "33333", "44444")]);
      expect(bodies(await store.read(ada, 0, { records: 3, bytes: 1_000 }))).toEqual([
        "11111",
        "22222",
        "33333",
      ]);
      expect(bodies(await store.read(ada, 1, { records: 9, bytes: 14 }))).toEqual(["22222", "33333"]);
      expect(bodies(await store.read(ada, 1, { records: 9, bytes: 1 }))).toEqual(["22222"]);
      expect(bodies(await store.read(ada, 3, { records: 1, bytes: 1 }))).toEqual(["44444"]);
    }),
  );

  it(
    "IS1: a user reads its own records only, each with the owner that was written with it",
    withStore(async (store) => {
      const owners = [
        "usr_ada",
        "usr_ad",
        "usr_adaa",
        "USR_ADA",
        "usr_%",
        'a"b',
        "ä",
        "toString",
      ] as UserId[];
      for (let round = 1; round <= 3; round++) {
        await store.append(owners.map((owner) => entry(owner, `${owner} ${round}`)));
      }
      for (const owner of owners) {
        const expected = [1, 2, 3].map((seq) => stored(owner, seq, `${owner} ${seq}`));
        expect(await store.read(owner, 0, everything)).toEqual(expected);
      }
      expect(await store.read("usr_" as UserId, 0, everything)).toEqual([]);
    }),
  );
}

function trimTests(withStore: WithStore): void {
  it(
    "RS2: what is older than asked is dropped, the rest and all heads stay",
    withStore(async (store, time) => {
      await store.append([entry(ada, "old", "old"), entry(bob, "old")]);
      time.now = 2_000;
      await store.append([entry(ada, "new")]);
      expect(await store.trim(2_000, nothingKept)).toBe(3);
      expect(await store.head(ada)).toMatchObject({ seq: 3, firstSeq: 3 });
      expect(await store.head(bob)).toMatchObject({ seq: 1, firstSeq: 2 });
      expect(await store.read(bob, 0, everything)).toEqual([]);
      expect(bodies(await store.read(ada, 2, everything))).toEqual(["new"]);
      expect(await store.trim(2_000, nothingKept)).toBe(0);
    }),
  );

  it(
    "RS2: a read from before what is kept begins at the oldest that is",
    withStore(async (store, time) => {
      await store.append([entry(ada, "old", "old")]);
      time.now = 2_000;
      await store.append([entry(ada, "new")]);
      await store.trim(2_000, nothingKept);
      expect(await store.read(ada, 0, everything)).toEqual([stored(ada, 3, "new")]);
    }),
  );

  it(
    "RS4: a seq is not used again when everything was dropped",
    withStore(async (store) => {
      await store.append([entry(ada, "a1", "a2")]);
      await store.trim(Number.POSITIVE_INFINITY, nothingKept);
      await store.trim(Number.POSITIVE_INFINITY, nothingKept);
      expect(await store.append([entry(ada, "a3")])).toEqual([3]);
      expect(await store.read(ada, 2, everything)).toEqual([stored(ada, 3, "a3")]);
    }),
  );

  it(
    "RN3: what an open run needs is kept, however old",
    withStore(async (store, time) => {
      await store.append([entry(ada, "before the run"), entry(bob, "before")]);
      await store.append([entry(ada, "run 1")]);
      await store.append([entry(ada, "run 2"), entry(bob, "later")]);
      time.now = 2_000;
      expect(await store.trim(2_000, new Map([[ada, 2]]))).toBeGreaterThanOrEqual(2);
      expect(bodies(await store.read(ada, 1, everything))).toEqual(["run 1", "run 2"]);
      expect((await store.head(ada)).firstSeq).toBe(2);
    }),
  );

  it(
    "RN3: an open run that has no event yet keeps nothing from being dropped",
    withStore(async (store) => {
      await store.append([entry(ada, "a1")]);
      expect(await store.trim(Number.POSITIVE_INFINITY, new Map([[ada, 2]]))).toBe(1);
    }),
  );

  it(
    "RS2: after a clock that jumped back, nothing that is newer is dropped before what is older",
    withStore(async (store, time) => {
      time.now = 5_000;
      await store.append([entry(ada, "a1")]);
      time.now = 10;
      await store.append([entry(ada, "a2")]);
      await store.trim(1_000, nothingKept);
      const kept = await store.read(ada, 0, everything);
      expect(kept.map(({ seq }) => seq)).toEqual([1, 2].slice(2 - kept.length));
    }),
  );

  it(
    "RS1: appends and reads during a trim lose nothing that is kept",
    withStore(async (store, time) => {
      for (const body of names("old", 600)) await store.append([entry(ada, body), entry(bob, body)]);
      time.now = 2_000;
      const trimmed = store.trim(2_000, nothingKept);
      const seqs = await Promise.all(names("new", 300).map((body) => store.append([entry(ada, body)])));
      expect(await trimmed).toBe(1_200);
      expect(seqs.flat()).toEqual(names("new", 300).map((_, index) => 601 + index));
      expect(bodies(await store.read(ada, 600, everything))).toEqual(names("new", 300));
    }),
  );
}

function restartTests(withStore: WithStore): void {
  it(
    "RS4: an orderly restart keeps epoch, heads and records, and goes on with the next seq",
    withStore(async (store, _time, { reopen }) => {
      await store.append([entry(ada, "a1", "a2"), entry(bob, "b1")]);
      const head = await store.head(ada);
      const again = await reopen();
      expect(await again.head(ada)).toEqual(head);
      expect(await again.append([entry(ada, "a3")])).toEqual([3]);
      expect(bodies(await again.read(ada, 0, everything))).toEqual(["a1", "a2", "a3"]);
      expect(await again.read(bob, 0, everything)).toEqual([stored(bob, 1, "b1")]);
    }),
  );

  it(
    "RS4: a seq is not used again when everything was dropped before the restart",
    withStore(async (store, _time, { reopen }) => {
      await store.append([entry(ada, "a1", "a2")]);
      await store.trim(Number.POSITIVE_INFINITY, nothingKept);
      const again = await reopen();
      expect(await again.head(ada)).toMatchObject({ seq: 2, firstSeq: 3 });
      expect(await again.append([entry(ada, "a3")])).toEqual([3]);
    }),
  );
}

const text = (body: string): LogRecord => ({ type: "text_delta", body });
const entry = (owner: UserId, ...records: string[]): LogAppend => ({ owner, records: records.map(text) });
const stored = (
  owner: UserId,
  seq: number,
  body: string,
  type: LogRecord["type"] = "text_delta",
): StoredRecord => ({ owner, seq, type, body });
const bodies = (records: readonly StoredRecord[]): readonly string[] => records.map(({ body }) => body);
const names = (prefix: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}${index}`);
