import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

const root = join(import.meta.dirname, "..", "..");
const read = (path: string): string => readFileSync(join(root, path), "utf8");

interface Manifest {
  readonly dependencies?: Record<string, string>;
  readonly devDependencies?: Record<string, string>;
  readonly optionalDependencies?: Record<string, string>;
}

function declaredDependencies(): ReadonlyMap<string, string> {
  const manifests = execFileSync("git", ["ls-files", "package.json", "**/package.json"], { cwd: root });
  const declared = new Map<string, string>();
  for (const path of manifests.toString().trim().split("\n")) {
    const { dependencies, devDependencies, optionalDependencies }: Manifest = JSON.parse(read(path));
    const all = { ...dependencies, ...devDependencies, ...optionalDependencies };
    for (const [name, version] of Object.entries(all)) {
      if (!/^(@trueline\/|trueline$)/.test(name)) declared.set(name, version);
    }
  }
  return declared;
}

it("every dependency has a reason in docs/dependencies.md, and every reason a dependency", () => {
  const rows = read("docs/dependencies.md").match(/^\| (?!package|-).*$/gm) ?? [];
  const listed = rows.flatMap(
    (row) =>
      row
        .split("|")[1]
        ?.split(",")
        .map((name) => name.trim()) ?? [],
  );
  expect(listed.toSorted()).toEqual([...declaredDependencies().keys()].toSorted());
});

it("every dependency is pinned exactly", () => {
  const loose = [...declaredDependencies()].filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version));
  expect(loose).toEqual([]);
});

it("the lock file names no registry", () => {
  expect(read("package-lock.json")).not.toMatch(/"resolved": "https?:/);
});
