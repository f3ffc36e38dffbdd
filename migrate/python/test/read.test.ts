import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, expect, it } from "vitest";
import { createReader, prefilterFor } from "../src/index.ts";
import { scanText } from "./support/judge.ts";
import { moduleSource } from "./support/programs.ts";

const folder = mkdtempSync(join(tmpdir(), "trueline-read-"));
afterAll(() => rmSync(folder, { recursive: true }));

it("SC5: files of any size are read whole, one after another, through one buffer", () => {
  const reader = createReader();
  const sizes = [0, 1, (1 << 20) - 1, 1 << 20, 10_000_000, 17];
  for (const [index, size] of sizes.entries()) {
    const path = join(folder, `${index}.py`);
    const content = Buffer.alloc(size, `${index}é\n`);
    writeFileSync(path, content);
    const read = reader.read(path);
    expect(read.ok && read.bytes.equals(content)).toBe(true);
  }
});

it("SC5: a file that turns out longer than its size says is read to its end", () => {
  const content = Buffer.alloc(5_000_000, "import a, é\n");
  writeFileSync(join(folder, "long.py"), content);
  execFileSync("mkfifo", [join(folder, "pipe.py")]);
  spawn("sh", ["-c", "cat long.py > pipe.py"], { cwd: folder });
  const read = createReader().read(join(folder, "pipe.py"));
  expect(read.ok && read.bytes.equals(content)).toBe(true);
});

it("SC5: what cannot be read says why, and the next file is read all the same", () => {
  const reader = createReader();
  expect(reader.read(join(folder, "missing.py"))).toMatchObject({
    ok: false,
    reason: expect.stringMatching(/ENOENT/),
  });
  expect(reader.read(folder)).toMatchObject({ ok: false, reason: expect.stringMatching(/EISDIR/) });
  writeFileSync(join(folder, "there.py"), "import a\n");
  const read = reader.read(join(folder, "there.py"));
  expect(read.ok && read.bytes.toString()).toBe("import a\n");
});

it("SC1: the prefilter never leaves out a source that imports the name", () => {
  const sought = ["importer", "größe", "asx"];
  const holds = prefilterFor(sought);
  const seen = { kept: 0, left: 0 };
  fc.assert(
    fc.property(moduleSource, (text) => {
      const segments = scanText(text).imports.flatMap((one) => [
        ...(one.kind === "from" ? one.module.split(".") : []),
        ...one.names.flatMap(({ name }) => name.split(".")),
      ]);
      const kept = holds(Buffer.from(text));
      if (segments.some((segment) => sought.includes(segment))) expect(kept).toBe(true);
      seen[kept ? "kept" : "left"]++;
    }),
    { numRuns: 500 },
  );
  expect(seen.left).toBeGreaterThan(0);
});

it("SC1: a name is found in each form and encoding in which Python takes it for the same", () => {
  const holds = prefilterFor(["file", "größe"]);
  const sources = ["import gro\u0308ße\n", "import größe\n", "import ﬁle\n", "from a import ｆｉｌｅ\n"];
  for (const source of sources) expect(holds(Buffer.from(source))).toBe(true);
  expect(holds(Buffer.from("# coding: latin-1\nimport größe\n", "latin1"))).toBe(true);
  expect(holds(Buffer.from("import other, gruß\n"))).toBe(false);
});
