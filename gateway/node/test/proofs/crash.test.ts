/** The short form of the crash proof. The long one: `npm run proof:crash -- --kills 300`. */
import { expect, it } from "vitest";
import { proveCrash } from "./crash.ts";
import { newSeed } from "./support/random.ts";

it("RS4, RS5, RS6, RN3, EV2: kill -9 under load loses, doubles and reorders nothing, and runs no tool twice", {
  timeout: 120_000,
}, async () => {
  const seed = newSeed();
  const { faults, found } = await proveCrash({ kills: 6, seed, users: 12, devices: 3 });
  expect(faults, `seed ${seed}`).toEqual([]);
  expect(found.messages).toBeGreaterThan(50);
  expect(found.toolLines).toBeGreaterThan(10);
});
