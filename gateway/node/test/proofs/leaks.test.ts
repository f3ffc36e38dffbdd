/** The short form of the leak proof. The long one: `npm run proof:leaks -- --users 10000`. */
import { expect, it } from "vitest";
import { proveLeaks } from "./leaks.ts";

it("MG3: users who come and go leave nothing behind: heap, handles, timers and managers are where they were", {
  timeout: 120_000,
}, async () => {
  const { faults, found } = await proveLeaks({ warmUp: 600, users: 2_000, atOnce: 50 });
  expect(faults).toEqual([]);
  expect(found.managers).toBe(0);
});
