/**
 * **Deploy** (DR1): a new process takes the place of the old one under load, again and again, each told to go by SIGTERM.
 * Everybody who is connected is told before, each process ends with 0, nobody loses or doubles anything, all runs end.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { ChildGateway } from "./support/child-gateway.ts";
import { Population, type Totals } from "./support/population.ts";
import { seededRandom } from "./support/random.ts";
import { type Verdict, warningsIn } from "./support/verdict.ts";

export interface DeployOptions {
  readonly restarts: number;
  readonly seed: number;
  readonly users: number;
  readonly devices: number;
  readonly onProgress?: (line: string) => void;
}

const graceIsOver = "runs go on at their next start";

type Found = Totals & {
  readonly restarts: number;
  /** Restarts in which the grace time was over before all runs had reached a checkpoint. */
  readonly cutOff: number;
  readonly goingAway: number;
};

export async function proveDeploy(options: DeployOptions): Promise<Verdict<Found>> {
  const { restarts, seed, users, devices } = options;
  const random = seededRandom(seed);
  // Often over before the step that a run is in: what is cut off goes on in the next process.
  const gateway = new ChildGateway({ limits: { drainGraceMs: 40 } });
  const people = new Population({ gateway, users, devices, open: 3, random });
  const faults: string[] = [];
  try {
    await gateway.start();
    await people.arrive();
    people.talk();
    for (let restart = 1; restart <= restarts && people.faults.length === 0; restart++) {
      await sleep(random.between(100, 900));
      await people.untilLive();
      const ended = await gateway.end("SIGTERM");
      if (ended.code !== 0)
        faults.push(`restart ${restart}: the process ended with ${ended.code ?? ended.signal}`);
      faults.push(...notTold(people, restart));
      await gateway.start();
      options.onProgress?.(`${restart} of ${restarts} restarts`);
    }
    await people.settle();
    const totals = await people.audit();
    const goingAway = people.devices.reduce((sum, device) => sum + device.goingAway.told, 0);
    const cutOff = gateway.output.split(graceIsOver).length - 1;
    const found = { restarts, cutOff, goingAway, ...totals };
    return { faults: [...faults, ...people.faults, ...warningsIn(gateway.output, graceIsOver)], found };
  } finally {
    await people.leave();
    await gateway.remove();
  }
}

/** Everybody was connected, so everybody was told, once, and was closed with the code that says the same. */
const notTold = (people: Population, restarts: number): readonly string[] =>
  people.devices
    .filter(({ goingAway }) => goingAway.told !== restarts || goingAway.closed !== restarts)
    .map(
      ({ view, goingAway: { told, closed } }) =>
        `${view.name} was told going_away ${told} and closed so ${closed} times in ${restarts} restarts`,
    );
