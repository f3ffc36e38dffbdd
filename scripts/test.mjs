/**
 * `npm test`: every check and every test, with one verdict at the end. `npm test -- <path or option>` runs only vitest, with
 * what was given. Starts on any Node and runs everything with the packaged one.
 */
import { spawn } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { findNode, root } from "./runtime.mjs";

const node = findNode();
if (!node) throw new Error("There is no usable Node: run `node scripts/setup.mjs`, which says what to do.");

const bin = (path) => join(root, "node_modules", path);
const tsc = bin("typescript/bin/tsc");
const vitest = [bin("vitest/vitest.mjs"), "run"];

const checks = [
  { name: "types", args: [tsc, "-b"] },
  { name: "types of pages", args: [tsc, "-b", "gateway/web"] },
  { name: "types of tests", args: [tsc, "-p", "tsconfig.test.json"] },
  {
    name: "lint and format",
    args: [bin("@biomejs/biome/bin/biome"), "ci", "--colors=off", "--max-diagnostics=50"],
  },
  { name: "layer law", args: ["scripts/check-layers.ts"] },
  { name: "rules without a test", args: ["scripts/check-rules.mjs"] },
  { name: "paths in documents", args: ["scripts/check-paths.ts"] },
  { name: "unused code and dependencies", args: [bin("knip/bin/knip.js"), "--no-progress"] },
];

const given = process.argv.slice(2);
process.exitCode = given.length > 0 ? await run([...vitest, ...given]) : await runAll();

async function runAll() {
  const failedChecks = [];
  for (const { name, args } of checks) {
    console.log(`\n── ${name}`);
    if ((await run(args)) !== 0) failedChecks.push(name);
  }
  console.log("\n── tests");
  const report = join(root, ".setup", "test-report.json");
  rmSync(report, { force: true });
  const code = await run([...vitest, "--reporter=default", "--reporter=json", `--outputFile.json=${report}`]);
  return conclude({ failedChecks, tests: readCounts(report), testsPassed: code === 0 });
}

/** Undefined when vitest did not come as far as a report. */
function readCounts(report) {
  if (!existsSync(report)) return undefined;
  const { numPassedTests, numFailedTests, numPendingTests, numFailedTestSuites } = JSON.parse(
    readFileSync(report, "utf8"),
  );
  return {
    passed: numPassedTests,
    failed: numFailedTests,
    skipped: numPendingTests,
    failedFiles: numFailedTestSuites,
  };
}

/** A check counts as one test. The last line is for machines: `N passed, N failed`. */
function conclude({ failedChecks, tests, testsPassed }) {
  const failedTests = Math.max(tests?.failed ?? 0, testsPassed ? 0 : 1);
  const passed = (tests?.passed ?? 0) + checks.length - failedChecks.length;
  const failed = failedTests + failedChecks.length;
  console.log(`\nchecks: ${failedChecks.length > 0 ? `failed: ${failedChecks.join(", ")}` : "all passed"}`);
  if (tests?.skipped) console.log(`tests skipped: ${tests.skipped}`);
  console.log(`${passed} passed, ${failed} failed`);
  return failed > 0 ? 1 : 0;
}

/** Runs the packaged Node; resolves to the exit code. `node` in what it starts means the same one. */
function run(args) {
  const path = [join(root, "node_modules", ".bin"), process.env.PATH].join(
    process.platform === "win32" ? ";" : ":",
  );
  return new Promise((resolve, reject) => {
    const child = spawn(node, args, { cwd: root, stdio: "inherit", env: { ...process.env, PATH: path } });
    child.once("error", reject);
    child.once("exit", (code) => resolve(code ?? 1));
  });
}
