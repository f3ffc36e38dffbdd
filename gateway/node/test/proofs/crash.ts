/**
 * **Crash** (RS4, RS5, RS6, RN3, EV2): the server is killed with SIGKILL at random moments under load and started again
 * on the same directory; everybody comes back from where they were. Nothing that was told may turn out untrue.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { ChildGateway } from "./support/child-gateway.ts";
import { Population, type Totals } from "./support/population.ts";
import { seededRandom } from "./support/random.ts";
import { type Verdict, warningsIn } from "./support/verdict.ts";

export interface CrashOptions {
  readonly kills: number;
  readonly seed: number;
  readonly users: number;
  readonly devices: number;
  readonly onProgress?: (line: string) => void;
}

/** One kill in so many comes before the server is ready: in the middle of the takeover. */
const killedAtStart = 0.15;

export async function proveCrash(
  options: CrashOptions,
): Promise<Verdict<Totals & { readonly kills: number }>> {
  const { kills, seed, users, devices } = options;
  const random = seededRandom(seed);
  const gateway = new ChildGateway();
  const people = new Population({ gateway, users, devices, open: 3, random });
  try {
    await gateway.start();
    await people.arrive();
    people.talk();
    for (let kill = 1; kill <= kills && people.faults.length === 0; kill++) {
      await sleep(random.between(10, 900));
      await gateway.end("SIGKILL");
      gateway.spawn();
      if (random.chance(killedAtStart)) {
        await sleep(random.between(200, 700));
        await gateway.end("SIGKILL");
        gateway.spawn();
      }
      await gateway.ready();
      if (random.chance(0.7)) await people.untilLive();
      options.onProgress?.(`${kill} of ${kills} kills`);
    }
    options.onProgress?.("settling");
    await people.settle();
    options.onProgress?.("looking at everything again");
    const totals = await people.audit();
    return { faults: [...people.faults, ...warningsIn(gateway.output)], found: { kills, ...totals } };
  } finally {
    await people.leave();
    await gateway.remove();
  }
}
