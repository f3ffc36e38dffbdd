import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { scanPython } from "../src/index.ts";
import { callJudge, type Judge, scanText, testify } from "./support/judge.ts";

const latin1 = (text: string): Buffer => Buffer.from(text, "latin1");
const problems = (source: Buffer) =>
  scanPython(source).problems.map(({ kind, line, column }) => `${line}:${column} ${kind}`);
const modules = (source: string) => scanText(source).imports.map(({ names }) => names[0]?.name);

describe("files that Python reads", () => {
  let judge: Judge;
  beforeAll(async () => {
    judge = await callJudge();
  });
  afterAll(() => judge.close());

  const files: Readonly<Record<string, Buffer>> = {
    "a byte order mark": Buffer.from("\ufeffimport a; 'é'; import b\n"),
    "a byte order mark and a declaration": Buffer.from("\ufeff# coding: utf-8\nimport a\n"),
    "latin-1 by declaration": latin1("# -*- coding: latin-1 -*-\nx = 'é'; import é as b\n"),
    "a declaration on the second line": latin1(
      "#!/usr/bin/python\n# vim: set fileencoding=iso-8859-15 :\n'\xa4'; import a\n",
    ),
    "a declaration that comes too late": Buffer.from("\n\n# coding: latin-1\n'é'; import a\n"),
    "a declaration after code": Buffer.from("x = 1\n# coding: latin-1\n'é'; import a\n"),
    "windows-1252": Buffer.concat([
      latin1("# coding: cp1252\n'"),
      Buffer.from([0x80, 0x99]),
      latin1("'; import a\n"),
    ]),
    "characters of two bytes": Buffer.concat([
      latin1("# coding: euc-jp\n'"),
      Buffer.from([0xa4, 0xa2]),
      latin1("'; import a\n"),
    ]),
    "CR LF": Buffer.from(
      "if x:\r\n  import a\r\n  '''\r\n\r\n''' ; import b\r\nfrom c \\\r\n import (d,\r\n e)\r\n'\\\r\n'; import f\r\n",
    ),
    "CR alone": Buffer.from("if x:\r  import a\r  '''\r\r''' ; import b\rimport c \\\r , d\r# x\rimport e\r"),
    "all line endings in one file": Buffer.from("import a\r\rimport b\n\rimport c\r\n\nimport d"),
    "form feeds": Buffer.from("\fimport a\nif x:\n  import b\n  \f  import c\n\f\nimport d\n"),
    "an indentation that a backslash splits": Buffer.from("if x:\n  \\\n      import a\n  import b\n"),
    "no bytes at all": Buffer.alloc(0),
    "only a comment": Buffer.from("# import a"),
  };

  it.each(Object.entries(files))("SC5: %s", async (_, source) => {
    const scanned = scanPython(source);
    const verdict = await judge.ask({ source });
    expect(verdict.error).toBeUndefined();
    expect(testify(scanned)).toEqual(verdict);
    expect(scanned.problems).toEqual([]);
  });

  it("SC5: what the scanner calls wrong, Python cannot read", async () => {
    for (const source of broken) expect((await judge.ask({ source })).error).toBeDefined();
  });
});

const broken: readonly Buffer[] = [
  Buffer.from("x = 'abc\nimport a\n"),
  Buffer.from("import a\nx = '''abc\nimport b\n"),
  Buffer.from("import a\nf(1,\n  [2\ndef g(): pass\nimport b\n"),
  Buffer.from("f(1]\nimport a\n"),
  Buffer.from("import a\n)\nimport b\n"),
  Buffer.from("import a.\nimport b\n"),
  Buffer.from("x = 1\0\nimport a\n"),
  latin1("x = 1\ny = 'é'\nimport a\n"),
  Buffer.from("# coding: klingon\nimport a\n"),
  Buffer.from("\ufeff# coding: latin-1\nimport a\n"),
  Buffer.from("# coding: ascii\nx = 'é'\n"),
];

it("SC5: what is wrong is named with its place, and the scan goes on after it", () => {
  expect(broken.map(problems)).toEqual([
    ["1:5 unterminated-string"],
    ["2:5 unterminated-string"],
    ["2:2 unterminated-bracket", "3:3 unterminated-bracket"],
    ["1:4 unmatched-bracket"],
    ["2:1 unmatched-bracket"],
    ["1:1 malformed-import"],
    ["1:6 null-byte"],
    ["2:6 encoding"],
    ["1:1 encoding"],
    ["1:1 encoding"],
    ["2:6 encoding"],
  ]);
  expect(modules("x = 'abc\nimport a\n")).toEqual(["a"]);
  expect(modules("import a\nf(1,\n  [2\ndef g(): pass\nimport b\n")).toEqual(["a", "b"]);
  expect(modules("import a.\nfrom x y\nimport (b)\nimport c d\nimport e\n")).toEqual(["e"]);
});

it("SC5: an encoding that hides ASCII in other characters is named, not misread", () => {
  const [problem] = scanText("# coding: shift_jis\nimport a\n").problems;
  expect(problem).toMatchObject({
    kind: "encoding",
    detail: "declared as shift_jis, which is not read here",
  });
});

it("SC5: any bytes whatever are scanned to the end, with every place inside the file", () => {
  const piece = fc.constantFrom(
    ..."'\"\\{}()[]:;#\n\r\t\f \0",
    "'''",
    '"""',
    'f"',
    "rf'",
    "import a",
    "from ",
    "def f",
    "try",
    "\ufeff",
  );
  const text = fc
    .array(fc.oneof(piece, fc.string({ unit: "binary" })), { maxLength: 60 })
    .map((parts) => Buffer.from(parts.join("")));
  const bytes = fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array));
  fc.assert(
    fc.property(fc.oneof(text, bytes), (source) => {
      const { imports, strings, comments, problems: found } = scanPython(source, { tokens: true });
      for (const { span } of [...imports, ...strings, ...comments]) {
        expect(span.start).toBeLessThan(span.end);
        expect(span.end).toBeLessThanOrEqual(source.length);
      }
      for (const { start, line, column } of found)
        expect([start < source.length, line > 0, column > 0]).toEqual([true, true, true]);
    }),
    { numRuns: 2_000 },
  );
});

it("SC5: depth costs no stack: brackets, blocks and strings inside one another", () => {
  const deep = 20_000;
  expect(modules(`x = ${"(".repeat(deep)}${")".repeat(deep)}\nimport a\n`)).toEqual(["a"]);
  expect(modules(`x = ${"f'{".repeat(deep)}\nimport a\n`)).toEqual(["a"]);
  const blocks = Array.from({ length: 3_000 }, (_, depth) => `${" ".repeat(depth)}if x:`).join("\n");
  expect(scanText(`${blocks}\n${" ".repeat(3_000)}import a\n`).imports[0]?.nesting).toHaveLength(3_000);
});
