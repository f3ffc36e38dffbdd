import type { UserId } from "@trueline/kit";
import type { ServiceLevel } from "@trueline/protocol";
import { silentObserver } from "@trueline/server";
import { createHandClock, createMemoryFacts, walkAt } from "@trueline/server/testing";
import { expect, it } from "vitest";
import { createServiceLevels } from "../../src/service-levels/index.ts";

const minuteMs = 60_000;

function fixture() {
  const clock = createHandClock();
  const facts = createMemoryFacts();
  const levels = createServiceLevels({ facts, clock });
  const observer = levels.observe(silentObserver());
  const report = async (minutes = 60) =>
    levels.report({ from: clock.now() - minutes * minuteMs, to: clock.now() + 1 });
  const level = async (name: ServiceLevel["name"], source: ServiceLevel["source"], minutes?: number) => {
    const found = (await report(minutes)).levels.find((one) => one.name === name && one.source === source);
    if (!found) throw new Error(`no level ${name} of ${source}`);
    return found;
  };
  return { clock, facts, levels, observer, report, level };
}

const counted = ({ good, bad }: ServiceLevel) => ({ good, bad });

it("HC3: what users did and what the probe found are counted apart, by the same table", async () => {
  const { observer, levels, level, clock } = fixture();
  observer.runEnded("offline", "completed", 800);
  observer.runEnded("offline", "completed", 31_000);
  observer.runEnded("offline", "failed", 5, "model_error");
  observer.runEnded("offline", "cancelled", 5);
  observer.firstEvent(3);
  observer.sendRefused("store_unavailable");
  observer.sendRefused("rate_limited");
  await levels.recordProbe(walkAt(clock.now(), { legs: [{ name: "answer", ms: 900, ok: true }] }));

  expect(counted(await level("golden_path", "traffic"))).toEqual({ good: 2, bad: 2 });
  expect(counted(await level("answer", "traffic"))).toEqual({ good: 1, bad: 1 });
  expect(counted(await level("first_event", "traffic"))).toEqual({ good: 1, bad: 0 });
  expect(counted(await level("golden_path", "probe"))).toEqual({ good: 1, bad: 0 });
  expect((await level("answer", "probe")).latency).toEqual({ count: 1, p50: 1000, p95: 1000, p99: 1000 });
});

it("HC3: the observer that was there before is told all of it", () => {
  const told: string[] = [];
  const inner = silentObserver({
    runEnded: (agent, state) => void told.push(`${agent} ${state}`),
    eventAppended: (type) => void told.push(type),
  });
  const { levels } = fixture();
  const observer = levels.observe(inner);
  observer.runEnded("offline", "completed", 800);
  observer.eventAppended("text_delta");
  expect(told).toEqual(["offline completed", "text_delta"]);
});

it("HC3: one violation of isolation is an alert, among any number of good writes", async () => {
  const { observer, level, clock } = fixture();
  for (let write = 0; write < 100_000; write++) observer.delivered(1, 100);
  expect((await level("isolation", "traffic")).alerts.some(({ firing }) => firing)).toBe(false);
  observer.isolationViolated("connection", "a" as UserId, "b" as UserId);
  const violated = await level("isolation", "traffic");
  expect(violated.alerts.every(({ firing }) => firing)).toBe(true);
  expect(violated).toMatchObject({ good: 100_000, bad: 1, met: false, budget: { left: 0 } });

  clock.advance(6 * minuteMs);
  expect((await level("isolation", "traffic")).alerts[0]?.firing).toBe(false);
});

it("HC3: a walk that found nothing to walk to counts against the golden path, one without accounts for nothing", async () => {
  const { levels, level, clock } = fixture();
  await levels.recordProbe(walkAt(clock.now(), { outcome: "inconclusive", code: "unreachable", legs: [] }));
  await levels.recordProbe(walkAt(clock.now(), { outcome: "inconclusive", code: "no_accounts", legs: [] }));
  expect(counted(await level("golden_path", "probe"))).toEqual({ good: 0, bad: 1 });
});

it("HC3: legs that were walked are judged though a later one failed; those not walked are not", async () => {
  const { levels, level, clock } = fixture();
  const legs = [
    { name: "first_event", ms: 12, ok: true },
    { name: "events", ms: 40, ok: false, detail: "event 7 came where 6 was due" },
    { name: "answer", ms: 30_000, ok: false },
  ] as const;
  await levels.recordProbe(walkAt(clock.now(), { outcome: "fail", legs: [...legs] }));
  expect(counted(await level("first_event", "probe"))).toEqual({ good: 1, bad: 0 });
  expect(counted(await level("answer", "probe"))).toEqual({ good: 0, bad: 1 });
  expect(counted(await level("delivery", "probe"))).toEqual({ good: 0, bad: 1 });
  expect(await level("isolation", "probe")).toMatchObject({ good: 0, bad: 0, ratio: null, met: null });
});

it("HC3: a report holds what its period holds, minute by minute, across a restart", async () => {
  const { observer, levels, facts, clock, level } = fixture();
  observer.runEnded("offline", "completed", 10);
  await levels.flush();
  observer.runEnded("offline", "completed", 10);
  await levels.flush();
  clock.advance(10 * minuteMs);
  const restarted = createServiceLevels({ facts, clock });
  restarted.observe(silentObserver()).runEnded("offline", "completed", 10);
  await restarted.flush();
  expect(counted(await level("golden_path", "traffic", 5))).toEqual({ good: 1, bad: 0 });
  expect(counted(await level("golden_path", "traffic", 60))).toEqual({ good: 3, bad: 0 });
});

it("HC3: a clock that jumps back loses no count and doubles none", async () => {
  const { observer, levels, clock, level } = fixture();
  for (const jump of [0, 3 * minuteMs, -3 * minuteMs, -minuteMs, minuteMs]) {
    clock.jump(jump);
    observer.runEnded("offline", "completed", 10);
    await levels.flush();
  }
  clock.jump(10 * minuteMs);
  expect(counted(await level("golden_path", "traffic"))).toEqual({ good: 5, bad: 0 });
});

it("HC3: what the store did not take is written the next time", async () => {
  const { facts, clock } = fixture();
  let full = true;
  const failing = {
    ...facts,
    putMinutes: (...given: Parameters<typeof facts.putMinutes>) =>
      full ? Promise.reject(new Error("disk full")) : facts.putMinutes(...given),
  };
  const levels = createServiceLevels({ facts: failing, clock });
  levels.observe(silentObserver()).runEnded("offline", "completed", 10);
  await expect(levels.flush()).rejects.toThrow("disk full");
  full = false;
  await levels.flush();
  const { levels: found } = await levels.report({ from: clock.now() - minuteMs, to: clock.now() + 1 });
  expect(found.find(({ name, source }) => name === "golden_path" && source === "traffic")?.good).toBe(1);
});
