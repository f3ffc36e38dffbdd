import fc from "fast-check";
import { expect, it } from "vitest";
import { scanPython } from "../src/index.ts";
import { callJudge, testify } from "./support/judge.ts";
import { moduleSource } from "./support/programs.ts";

it("SC1: generated modules hold the imports that CPython finds in them, each at its place", async () => {
  const judge = await callJudge();
  const counts = { statements: 0, modules: 0 };
  try {
    await fc.assert(
      fc.asyncProperty(moduleSource, async (text) => {
        const source = Buffer.from(text);
        const verdict = await judge.ask({ source });
        expect(verdict.error).toBeUndefined();
        counts.modules++;
        counts.statements += verdict.imports?.length ?? 0;
        const scanned = scanPython(source);
        expect(testify(scanned)).toEqual(verdict);
        expect(scanned.problems).toEqual([]);
      }),
      { numRuns: 400 },
    );
  } finally {
    await judge.close();
  }
  expect(counts.statements).toBeGreaterThan(counts.modules);
}, 60_000);
