import { defaultAccessLimits } from "@trueline/server";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { addressKey, createRates } from "../../src/auth/rates.ts";

/** The library that counts reads the system's time. */
beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const outcomes = async (calls: readonly Promise<void>[]): Promise<string[]> =>
  (await Promise.allSettled(calls)).map((call) => (call.status === "fulfilled" ? "ok" : call.reason.code));

describe("rates", () => {
  it("AU4: of any number at once as many get in as the limit says; the others learn which and when, and get in then", async () => {
    const rates = createRates({ ...defaultAccessLimits, upgradesPerUser: 2 });
    const upgrade = () => rates.upgradeOf("ada");
    expect(await outcomes([upgrade(), upgrade(), upgrade()])).toEqual(["ok", "ok", "rate_limited"]);
    vi.advanceTimersByTime(20_000);
    await expect(upgrade()).rejects.toMatchObject({
      code: "rate_limited",
      retryAfterMs: 40_000,
      message: "You have connected too often within a minute.",
    });
    expect(await outcomes([rates.upgradeOf("bob")])).toEqual(["ok"]);
    vi.advanceTimersByTime(40_000);
    expect(await outcomes([upgrade()])).toEqual(["ok"]);
  });

  it("AU4: 0 means no limit", async () => {
    const rates = createRates({ ...defaultAccessLimits, messagesPerAddress: 0 });
    const calls = Array.from({ length: 10_000 }, () => rates.countMessage("192.0.2.1"));
    expect(new Set(await Promise.all(calls))).toEqual(new Set([undefined]));
  });

  it("AU4: passwords that turn out right do not count, wrong ones do, and the first refusal is told from the rest", async () => {
    const rates = createRates({ ...defaultAccessLimits, failedLoginsPerUser: 1 });
    for (let time = 0; time < 3; time++) {
      const attempt = await rates.passwordAttempt("192.0.2.1", "Ada@example.com");
      if (!attempt.ok) throw attempt.error;
      await attempt.succeeded();
    }
    const attempt = () => rates.passwordAttempt("192.0.2.1", "ada@example.com ");
    expect(await attempt()).toMatchObject({ ok: true });
    expect(await attempt()).toMatchObject({ ok: false, first: true, error: { retryAfterMs: 60_000 } });
    expect(await attempt()).toMatchObject({ ok: false, first: false });
  });

  it("AU4: whoever fails for somebody else's name locks out nobody but themselves, and from many addresses only slows", async () => {
    const rates = createRates({
      ...defaultAccessLimits,
      failedLoginsPerUser: 2,
      failedLoginsPerUserEverywhere: 4,
      slowedLoginMs: 1_234,
    });
    const attempt = (address: string) => rates.passwordAttempt(address, "ada@example.com");
    for (const ok of [true, true, false]) expect(await attempt("192.0.2.1")).toMatchObject({ ok });
    expect(await attempt("192.0.2.2")).toMatchObject({ ok: true, slowMs: 0 });
    expect(await attempt("192.0.2.3")).toMatchObject({ ok: true, slowMs: 0 });
    expect(await attempt("192.0.2.4")).toMatchObject({ ok: true, slowMs: 1_234 });
  });

  it("AU4: one address cannot try many names", async () => {
    const rates = createRates({ ...defaultAccessLimits, failedLoginsPerAddress: 2 });
    const attempts = await Promise.all(
      ["a", "b", "c"].map((name) => rates.passwordAttempt("192.0.2.1", name)),
    );
    expect(attempts.map(({ ok }) => ok)).toEqual([true, true, false]);
    expect(await rates.passwordAttempt("192.0.2.2", "a")).toMatchObject({ ok: true });
  });

  it("AU4: all addresses of one IPv6 network count as one", () => {
    const keys = [
      "2001:db8::1",
      "2001:DB8:0:0:1::",
      "2001:0db8:0000:0000:ffff:1:2:3",
      "2001:db8::1%eth0",
    ].map(addressKey);
    expect(new Set(keys)).toEqual(new Set(["2001:db8:0:0::/64"]));
    expect(addressKey("2001:db8:0:1::1")).toBe("2001:db8:0:1::/64");
    expect(addressKey("::1")).toBe("0:0:0:0::/64");
    expect(addressKey("::ffff:192.0.2.1")).toBe("192.0.2.1");
    expect(addressKey("192.0.2.1")).toBe("192.0.2.1");
  });
});
