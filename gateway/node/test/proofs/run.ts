/** `npm run proof:<name> -- --option value`: the long form of a proof. Prints the seed first and the figures last; 1: a fault. */
import { parseArgs } from "node:util";
import { proveCrash } from "./crash.ts";
import { proveDeploy } from "./deploy.ts";
import { proveIsolation } from "./isolation.ts";
import { proveLeaks } from "./leaks.ts";
import { newSeed } from "./support/random.ts";
import type { Verdict } from "./support/verdict.ts";

const number = (byDefault: number) => ({ type: "string", default: String(byDefault) }) as const;
const startedAt = performance.now();
const elapsed = (): number => Math.round((performance.now() - startedAt) / 1000);
const onProgress = (line: string): void => void process.stderr.write(`${elapsed()} s: ${line}\n`);

const proofs: Record<string, (args: string[]) => Promise<Verdict<object>>> = {
  crash(args) {
    const options = { kills: number(300), seed: number(newSeed()), users: number(12), devices: number(3) };
    return proveCrash({ ...numbers(parseArgs({ args, options }).values), onProgress });
  },
  deploy(args) {
    const options = { restarts: number(30), seed: number(newSeed()), users: number(12), devices: number(3) };
    return proveDeploy({ ...numbers(parseArgs({ args, options }).values), onProgress });
  },
  isolation(args) {
    const options = { users: number(2_000), foreign: number(200) };
    return proveIsolation({ ...numbers(parseArgs({ args, options }).values), onProgress });
  },
  leaks(args) {
    const options = { warmUp: number(3_000), users: number(10_000), atOnce: number(100) };
    return proveLeaks({ ...numbers(parseArgs({ args, options }).values), onProgress });
  },
};

function numbers<Name extends string>(values: Readonly<Record<Name, string>>): Record<Name, number> {
  const entries = Object.entries<string>(values).map(([name, value]) => [name, Number(value)]);
  process.stdout.write(`${JSON.stringify(Object.fromEntries(entries))}\n`);
  return Object.fromEntries(entries) as Record<Name, number>;
}

const [name = "", ...args] = process.argv.slice(2);
const prove = proofs[name];
if (!prove) throw new Error(`There is no proof named ${name}: ${Object.keys(proofs).join(", ")}.`);
const { faults, found } = await prove(args);
process.stdout.write(
  `${JSON.stringify({ proof: name, faults: faults.length, ...found, seconds: elapsed() })}\n`,
);
for (const fault of faults) process.stdout.write(`${fault}\n`);
process.exitCode = faults.length > 0 ? 1 : 0;
