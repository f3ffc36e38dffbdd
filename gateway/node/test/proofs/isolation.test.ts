/** The short form of the isolation proof. The long one, with 2,000 users: `npm run proof:isolation`. */
import { expect, it } from "vitest";
import { proveIsolation } from "./isolation.ts";

it("IS4, IS2: no byte of another user's secret comes out anywhere, and foreign ids read as ones that do not exist", {
  timeout: 120_000,
}, async () => {
  const { faults, found } = await proveIsolation({ users: 150, foreign: 20 });
  expect(faults).toEqual([]);
  expect(found.markersSeen).toBeGreaterThan(150 * 10);
});
