import { newId, type UserId } from "@trueline/kit";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { delta, logFixture, thinking, thread, turns } from "../support/log-fixture.ts";

const ada = newId("user");

describe("the log of a user", () => {
  it("EV3: seq rises by one per event of a user, and starts at 1 for each", async () => {
    const fixture = logFixture();
    const log = await fixture.open(ada);
    const other = await fixture.open(newId("user"));
    const outcomes = await Promise.all([
      log.append(delta("a")),
      other.append(delta("x")),
      log.append(thinking(1)),
      log.append(delta("b")),
    ]);
    expect(outcomes).toEqual([
      { ok: true, seq: 1 },
      { ok: true, seq: 1 },
      { ok: true, seq: 2 },
      { ok: true, seq: 3 },
    ]);
  });

  it("RS4: an event is in no batch before the store has it", async () => {
    const fixture = logFixture();
    const log = await fixture.open(ada);
    const appended = log.append(thinking(1));
    expect(log.head).toBe(0);
    expect(log.batchAfter(0, true)).toBeUndefined();
    await appended;
    expect(log.head).toBe(1);
    expect((await fixture.store.head(ada)).seq).toBe(1);
  });

  it("MG4: what the store refuses is refused to the one who appended, uses no seq and is shown to nobody", async () => {
    const fixture = logFixture();
    const log = await fixture.open(ada);
    await log.append(thinking(1));
    fixture.store.failAppends(new Error("disk full"));
    expect(await log.append(thinking(2))).toMatchObject({ ok: false, code: "store_unavailable" });
    expect(log.head).toBe(1);
    fixture.store.failAppends();
    expect(await log.append(thinking(3))).toEqual({ ok: true, seq: 2 });
  });

  it("EV3: commits never overlap, also when the window ends in the turn in which an urgent append waits", async () => {
    const fixture = logFixture({ gatherMs: 5 });
    const log = await fixture.open(ada);
    const append = fixture.store.append.bind(fixture.store);
    let under = 0;
    let most = 0;
    vi.spyOn(fixture.store, "append").mockImplementation(async (batch) => {
      most = Math.max(most, ++under);
      await turns(3);
      under--;
      return append(batch);
    });
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    onTestFinished(() => void vi.useRealTimers());
    await log.append(delta("a"));
    const appends = [log.append(delta("b")), log.append(thinking(1))];
    vi.advanceTimersByTime(5);
    appends.push(log.append(thinking(2)));
    await Promise.all(appends);
    expect(most).toBe(1);
  });

  it("EV1: a draft that does not fit its schema is an error with the path of the field", async () => {
    const log = await logFixture().open(ada);
    const draft = thinking(1);
    const broken = { ...draft, data: { step: "one", text: "" } } as unknown as typeof draft;
    await expect(log.append(broken)).rejects.toThrow(/data\.step/);
    await expect(log.append({ ...draft, threadId: "../etc" } as typeof draft)).rejects.toThrow(/threadId/);
  });

  it("EV3: merged deltas are one event that covers the range, cut at another run and at anything else", async () => {
    const log = await logFixture().open(ada);
    const otherRun = newId("run");
    for (const draft of [
      delta("a"),
      delta("b"),
      delta('\u2028"c'),
      thinking(1),
      delta("d"),
      delta("e", otherRun),
    ])
      log.append(draft);
    await turns();
    const batch = log.batchAfter(0, true);
    expect(
      JSON.parse(batch?.frames()[0] ?? "").map((event: Record<string, unknown>) => [
        event.type,
        event.firstSeq,
        event.seq,
        event.data,
      ]),
    ).toEqual([
      ["text_delta", 1, 3, { text: 'ab\u2028"c' }],
      ["agent_thinking", undefined, 4, { step: 1, text: "" }],
      ["text_delta", undefined, 5, { text: "d" }],
      ["text_delta", undefined, 6, { text: "e" }],
    ]);
    expect(JSON.parse(log.batchAfter(1, true)?.frames()[0] ?? "")[0]).toMatchObject({
      firstSeq: 2,
      seq: 3,
      data: { text: 'b\u2028"c' },
    });
    expect(
      log
        .batchAfter(0, false)
        ?.frames()
        .map((frame) => JSON.parse(frame)),
    ).toMatchObject([
      { seq: 1, data: { text: "a" } },
      { seq: 2, data: { text: "b" } },
      { seq: 3 },
      { seq: 4, type: "agent_thinking" },
      { seq: 5 },
      { seq: 6 },
    ]);
  });

  it("RN6: deltas that follow one another share a commit; the first after anything else does not wait", async () => {
    const commits: number[] = [];
    const fixture = logFixture({
      gatherMs: 10_000,
      observer: { committed: (_ms, events) => commits.push(events) },
    });
    const log = await fixture.open(ada);
    await log.append(thinking(1));
    await log.append(delta("first"));
    log.append(delta("waits"));
    log.append(delta("waits too"));
    await turns(3);
    expect(commits).toEqual([1, 1]);
    await log.append(thinking(2));
    expect(commits).toEqual([1, 1, 3]);
  });

  it("RN6: what another user appends urgently does not cut short the gathering of this one", async () => {
    const fixture = logFixture({ gatherMs: 10_000 });
    const log = await fixture.open(ada);
    const other = await fixture.open(newId("user"));
    await log.append(delta("first"));
    log.append(delta("waits"));
    await other.append(thinking(1));
    expect(log.head).toBe(1);
  });

  it("IS1: the store is asked for the owner's records only", async () => {
    const fixture = logFixture({ tailEvents: 1 });
    const bob = "bob" as UserId;
    const log = await fixture.open(ada);
    const bobs = await fixture.open(bob);
    for (let index = 0; index < 10; index++) {
      log.append(thinking(index + 1));
      bobs.append(thinking(100 + index));
    }
    await turns();
    const seen: unknown[] = [];
    for await (const event of log.readFrom(0)) seen.push(event.data);
    expect(seen).toEqual(Array.from({ length: 10 }, (_, index) => ({ step: index + 1, text: "" })));
  });

  it("BP1: the tails of all users stay within one budget; what they drop is read from the store", async () => {
    const fixture = logFixture({ tailCharacters: 2000, tailEvents: 100 });
    const logs = await Promise.all(Array.from({ length: 20 }, () => fixture.open(newId("user"))));
    for (const log of logs) for (let index = 0; index < 5; index++) await log.append(thinking(index + 1));
    const remembered = logs.filter((log) => log.remembers(0)).length;
    expect(remembered).toBeGreaterThan(0);
    expect(remembered).toBeLessThan(5);
    const [oldest] = logs;
    const batch = await oldest?.storedBatchAfter(0, true);
    expect(batch).toMatchObject({ lastSeq: 5 });
  });

  it("RS2: the picture of open runs is rebuilt from the log, deltas joined", async () => {
    const fixture = logFixture();
    const log = await fixture.open(ada);
    const runId = newId("run");
    log.append({
      type: "message_accepted",
      threadId: thread,
      runId,
      data: { id: "1", messageId: "m", text: "hi", disposition: "started" },
    });
    log.append(delta("Hel", runId));
    await log.append(delta("lo", runId));
    const again = await fixture.open(ada);
    await again.project(0);
    expect(again.openRuns.get(runId)).toEqual(log.openRuns.get(runId));
    expect(again.openRuns.get(runId)).toMatchObject({ text: "Hello", messages: new Set(["m"]) });
  });
});
