// Fails when a rule of a SPEC.md has no test whose title begins with its id: such a rule does not exist yet.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

const specs = execFileSync("git", ["ls-files", "*SPEC.md"], { encoding: "utf8" }).split("\n").filter(Boolean);
const tests = execFileSync("git", ["ls-files", "*.test.ts", "*.test.tsx"], { encoding: "utf8" })
  .split("\n")
  .filter(Boolean);

const proven = new Map();
for (const file of tests) {
  for (const [, ids] of readFileSync(file, "utf8").matchAll(/["'`]((?:[A-Z]{2}\d(?:, ?)?)+):/g)) {
    for (const id of ids.split(/, ?/)) proven.set(id, (proven.get(id) ?? 0) + 1);
  }
}
const missing = [];
for (const spec of specs) {
  const ids = [...readFileSync(spec, "utf8").matchAll(/\*\*([A-Z]{2}\d)\*\*/g)].map(([, id]) => id);
  missing.push(
    ...ids
      .filter((id) => !proven.has(id))
      .map((id) => `${spec}: ${id} has no test whose title begins with it`),
  );
  console.log(
    `${spec}: ${ids.length} rules, ${ids.reduce((sum, id) => sum + (proven.get(id) ?? 0), 0)} tests`,
  );
}
for (const line of missing) console.error(line);
process.exit(missing.length > 0 ? 1 : 0);
