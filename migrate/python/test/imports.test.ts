import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ImportStatement } from "../src/index.ts";
import { callJudge, type Judge, scanText, testify } from "./support/judge.ts";

/** Source, and each import as: line:column, what it names, and what it stands in. */
const pictures: Readonly<Record<string, readonly [source: string, ...imports: string[]]>> = {
  "a plain import": ["import a.b\n", "1:1 a.b"],
  "a plain import under another name": ["import a.b as c\n", "1:1 a.b as c"],
  "several modules in one statement": ["import a, b.c as d, e\n", "1:1 a, b.c as d, e"],
  "a name of a module": ["from a import b\n", "1:1 from a: b"],
  "a name of a module under another name": ["from a.b import X as Y, Z\n", "1:1 from a.b: X as Y, Z"],
  "relative imports": [
    "from . import a\nfrom .b import c\nfrom ... import d\nfrom ....e.f import g\n",
    "1:1 from .: a",
    "2:1 from .b: c",
    "3:1 from ...: d",
    "4:1 from ....e.f: g",
  ],
  "a star import": ["from .a import *\n", "1:1 from .a: *"],
  "parentheses over several lines, with comments and a last comma": [
    "from a import (  # import nothing\n    b,\n    c as d,  # from e import f\n\n    )  # end\nimport g\n",
    "1:1 from a: b, c as d",
    "6:1 g",
  ],
  "lines continued by backslashes": [
    "from a \\\n  import b, \\\n c as \\\n d\nimport \\\n  e.f\n",
    "1:1 from a: b, c as d",
    "5:1 e.f",
  ],
  "blanks, tabs and form feeds between any two tokens": [
    "from\t. . a .\fb import(c)\nimport  a . b  as\tc\n\fimport d\n",
    "1:1 from ..a.b: c",
    "2:1 a.b as c",
    "3:2 d",
  ],
  "statements on one line": [
    "import a; import b;from c import d ; x = 1; import e # import f\n",
    "1:1 a",
    "1:11 b",
    "1:20 from c: d",
    "1:45 e",
  ],
  "bodies on the line of their header": [
    "if x: import a; import b\nelse: import c\nclass K: from d import e\nwhile x[1:2]: import f\nimport g\n",
    "1:7 a | conditional",
    "1:17 b | conditional",
    "2:7 c | conditional",
    "3:10 from d: e | class K",
    "4:15 f | conditional",
    "5:1 g",
  ],
  "functions and classes inside one another": [
    "class A:\n  import a\n  async def f(self, x: int = {1: 2}[1]) -> (lambda: 1):\n    def g(): import b\n    import c\n  import d\nimport e\n",
    "2:3 a | class A",
    "4:14 b | class A > function f > function g",
    "5:5 c | class A > function f",
    "6:3 d | class A",
    "7:1 e",
  ],
  "an attempt and its fallbacks": [
    "try:\n  import a\nexcept (ValueError, ImportError) as e:\n  import b\nexcept OSError:\n  import c\nelse:\n  import d\nfinally:\n  import e\n",
    "2:3 a | attempt",
    "4:3 b | fallback",
    "6:3 c | conditional",
    "8:3 d | conditional",
    "10:3 e",
  ],
  "attempts by other names of the error": [
    "try: import a\nexcept: import b\ntry: import c\nexcept builtins.ModuleNotFoundError: pass\ntry: import d\nexcept KeyError: import e\n",
    "1:6 a | attempt",
    "2:9 b | fallback",
    "3:6 c | attempt",
    "5:6 d",
    "6:18 e | conditional",
  ],
  "an attempt inside an attempt": [
    "try:\n  try:\n    import a\n  except KeyError:\n    import b\nexcept ImportError:\n  try:\n    import c\n  except ImportError:\n    d = None\n",
    "3:5 a | attempt",
    "5:5 b | attempt > conditional",
    "8:5 c | fallback > attempt",
  ],
  "what only type checkers import": [
    "if TYPE_CHECKING:\n  import a\nelse:\n  import b\nif typing.TYPE_CHECKING: import c\nif (TYPE_CHECKING): import d\nif x: pass\nelif t.TYPE_CHECKING: import e\n",
    "2:3 a | type-checking",
    "4:3 b | conditional",
    "5:26 c | type-checking",
    "6:21 d | type-checking",
    "8:23 e | type-checking",
  ],
  "what is not told by TYPE_CHECKING alone": [
    "if not TYPE_CHECKING: import a\nif TYPE_CHECKING or x: import b\nif TYPE_CHECKING(): import c\nif MY_TYPE_CHECKING: import d\nif TYPE_CHECKING := x: import e\nif not t.TYPE_CHECKING: import f\n",
    "1:23 a | conditional",
    "2:24 b | conditional",
    "3:21 c | conditional",
    "4:22 d | conditional",
    "5:24 e | conditional",
    "6:25 f | conditional",
  ],
  "loops, with, match": [
    "for x in y:\n  import a\nasync def f():\n  async with g() as h:\n    import b\n  async for i in j: import c\nmatch x:\n  case 1:\n    import d\nmatch = case = 1\nmatch[1:2]\nimport e\n",
    "2:3 a | conditional",
    "5:5 b | function f",
    "6:21 c | function f > conditional",
    "9:5 d | conditional",
    "12:1 e",
  ],
  "text that is no import": [
    "x = 'import a'\n'''\nimport b\n'''\n# import c\nf(\"\\\"\", '''\\'''\nimport d\n''')\nimport_e = importer = 1\nx = (yield_from, [\n  a.from_, 1])\nimport z\n",
    "12:1 z",
  ],
  "strings of every prefix": [
    "a = rb'\\'; import a', Br\"\\\"\", u'', F'{x!r:>{y}}', rf'''\n{a:\\}'{b}'''\nb = f'{{import b' f\"{'}'}\" fr'\\{x}' f'\\N{EM DASH}{x}' f'\\\\{x}'\nimport z\n",
    "4:1 z",
  ],
  "tabs and blanks in one block": [
    "if x:\n\timport a\n\tif y:\n\t\timport b\nimport c\n",
    "2:2 a | conditional",
    "4:3 b | conditional > conditional",
    "5:1 c",
  ],
  "columns count characters": ["été = 'ẞ𝒳'; import größe as ﬁ\n", "1:13 größe as fi"],
  "escaped braces between other strings": ["x = f'{{'; import a; y = '}}'\n", "1:12 a"],
  "indentation that a backslash or a form feed makes less than it looks": [
    "class A:\n  \\\n      def f():\n    import a\nclass B:\n    \f  def f():\n    import b\n",
    "4:5 a | class A > function f",
    "7:5 b | class B > function f",
  ],
  "no line ending at the end": ["import a", "1:1 a"],
};

/** Since Python 3.12: the judge answers for these only when it is as new. */
const since312: typeof pictures = {
  "formatted strings that hold their own quotes": [
    "x = f'{a['b']:{f'{c!r}'}}' f\"{\"import \" + f\"{'''\n'''}\"}\"\nimport z\n",
    "3:1 z",
  ],
  "formatted strings over lines, with comments": [
    "x = f'{a +  # it's\n  b}'; import y\nimport z\n",
    "2:8 y",
    "3:1 z",
  ],
};

describe("every form of import", () => {
  let judge: Judge;
  beforeAll(async () => {
    judge = await callJudge();
  });
  afterAll(() => judge.close());

  it.each(Object.entries(pictures))("SC1: %s", async (_, [source, ...imports]) => {
    const scanned = scanText(source);
    expect(scanned.imports.map(draw)).toEqual(imports);
    expect(scanned.problems).toEqual([]);
    const asked = { source: Buffer.from(source), tokens: true };
    expect(testify(scanText(source, true), true)).toEqual(await judge.ask(asked));
  });

  it.each(Object.entries(since312))("SC1: %s", async (_, [source, ...imports]) => {
    expect(scanText(source).imports.map(draw)).toEqual(imports);
    const [, minor = 0] = judge.version;
    if (minor < 12) return;
    expect(testify(scanText(source))).toEqual(await judge.ask({ source: Buffer.from(source) }));
  });
});

it("SC1: bytes and characters of a statement and its parts are told apart", () => {
  const [found] = scanText("'é'; from ü.b import C as D\n").imports;
  expect(found?.span).toEqual({ start: 6, end: 29, line: 1, column: 6, endLine: 1, endColumn: 28 });
  expect(found?.kind === "from" && found.moduleSpan).toMatchObject({
    start: 11,
    end: 15,
    column: 11,
    endColumn: 14,
  });
  expect(found?.names[0]?.nameSpan).toMatchObject({ start: 23, end: 24, column: 22, endColumn: 23 });
  expect(found?.names[0]?.alias?.span).toMatchObject({ start: 28, end: 29, column: 27, endColumn: 28 });
});

it("SC1: the path of an import of siblings is its dots alone", () => {
  const [found] = scanText("from . .  import a\n").imports;
  expect(found?.kind === "from" && found.moduleSpan).toMatchObject({
    start: 5,
    end: 8,
    column: 6,
    endColumn: 9,
  });
});

function draw(one: ImportStatement): string {
  const names = one.names.map(({ name, alias }) => (alias ? `${name} as ${alias.name}` : name)).join(", ");
  const from = one.kind === "from" ? `from ${".".repeat(one.level)}${one.module}: ` : "";
  const nesting = one.nesting.map((enclosure) =>
    "name" in enclosure ? `${enclosure.kind} ${enclosure.name}` : enclosure.kind,
  );
  const within = nesting.length > 0 ? ` | ${nesting.join(" > ")}` : "";
  return `${one.span.line}:${one.span.column} ${from}${names}${within}`;
}
