import type { Clock } from "@trueline/kit";
import { describe, expect, it } from "vitest";
import { ToolTime } from "../../src/runs/tool-time.ts";

describe("tool time", () => {
  it("RN4: calls at once count each for itself, and an earlier life of the run counts too", () => {
    let now = 0;
    const clock: Clock = { now: () => now, monotonic: () => now };
    const time = new ToolTime(100_000, clock);
    time.goOnFrom(40_000);
    const ends = [time.begin(() => undefined), time.begin(() => undefined)];
    now += 29_999;
    expect(time.isOver).toBe(false);
    now += 1;
    expect(time.isOver).toBe(true);
    for (const end of ends) end();
    now += 1_000_000;
    expect(time.isOver).toBe(true);
  });
});
