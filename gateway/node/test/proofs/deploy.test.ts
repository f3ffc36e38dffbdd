/** The short form of the deploy proof. The long one: `npm run proof:deploy -- --restarts 30`. */
import { expect, it } from "vitest";
import { proveDeploy } from "./deploy.ts";
import { newSeed } from "./support/random.ts";

it("DR1: a rolling restart under load loses and doubles nothing, tells everybody and ends with 0", {
  timeout: 120_000,
}, async () => {
  const seed = newSeed();
  const { faults, found } = await proveDeploy({ restarts: 4, seed, users: 12, devices: 3 });
  expect(faults, `seed ${seed}`).toEqual([]);
  expect(found.goingAway).toBe(4 * 12 * 3);
  expect(found.messages).toBeGreaterThan(50);
});
