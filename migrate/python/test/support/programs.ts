/** Random Python modules that Python can read: every form of import, in every kind of block, among what looks like imports. */
import fc from "fast-check";

/** Lines of one statement, without indentation. */
type Lines = readonly string[];

const name = fc.constantFrom("a", "b2", "_c", "importer", "from_x", "größe", "x𝒴", "asx");
const blank = fc.constantFrom(" ", "  ", "\t", " \\\n ", " \f");
const gap = fc.oneof({ weight: 4, arbitrary: fc.constant("") }, { weight: 1, arbitrary: blank });

const joinAll = (parts: readonly fc.Arbitrary<string>[]): fc.Arbitrary<string> =>
  fc.tuple(...parts).map((texts) => texts.join(""));

const path = fc
  .tuple(name, fc.array(fc.tuple(gap, gap, name), { maxLength: 3 }))
  .map(([first, rest]) => first + rest.map(([left, right, next]) => `${left}.${right}${next}`).join(""));

const named = (what: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.oneof(what, joinAll([what, blank, fc.constant("as"), blank, name]));

const listed = (what: fc.Arbitrary<string>, between: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc
    .array(fc.tuple(between, named(what), between), { minLength: 1, maxLength: 4 })
    .map((parts) => parts.map((part) => part.join("")).join(","));

const inParens = fc.constantFrom("", " ", "\n", "\n    ", "  # import x, (\n\t", "\n\n# )\n");
const parenthesised = fc
  .tuple(listed(name, inParens), fc.constantFrom("", ",", ", # '''\n"), inParens)
  .map(([names, comma, last]) => `(${names}${comma}${last})`);

const relative = fc
  .tuple(fc.array(fc.constantFrom(".", ". ", "..", "..."), { maxLength: 3 }), fc.option(path, { nil: "" }))
  .map(([dots, module]) => (dots.length === 0 && module === "" ? "." : dots.join("") + module));

const plainImport = joinAll([fc.constant("import"), blank, listed(path, gap)]);
const fromImport = joinAll([
  fc.constant("from"),
  blank,
  relative,
  blank,
  fc.constant("import"),
  fc.oneof(joinAll([blank, listed(name, gap)]), joinAll([gap, parenthesised])),
]);
const anyImport = fc.oneof(plainImport, fromImport);

const noise = fc.constantFrom(
  "pass",
  "x: int = 'import a'",
  "x = '''\nimport b\nfrom c import d\n'''",
  'y = f"{x!r:>{3}} import {{}}" "import z"',
  "z = {'a': [1, (2)], 'import': lambda: 0}[\n'import']",
  "w = rb'\\'' b\"\\\\\"; u'é' # import e",
  'v = """\\"""import f""" \'"\'',
  "call(x[1:2],\n\n  # import g\nkey='\\\n')",
  "del_ = (yield_ := 1) if x else lambda q: q",
  "match = case = [1]; match[0:1]",
  "class Q: x: 'from h import i'; y = 1",
  "def one(a: int = 1, *, b: 'str' = ':') -> 'x': return a; a",
);

const oneLine = fc
  .array(fc.oneof(plainImport, fromImport, fc.constantFrom("x = 1", "y: int = 2", "'import a'")), {
    minLength: 1,
    maxLength: 3,
  })
  .chain((parts) => fc.constantFrom(";", " ; ", ";\t").map((separator) => parts.join(separator)));

const comment = fc.constantFrom("", "# import q", "   # if x: import q", "\f");

const header = fc.constantFrom(
  "class A:",
  "class B(metaclass=f(':')):",
  "def f():",
  "async def g(x={1: 2}, *a: 'int') -> {1: 2}[1]: # import a",
  "if x:",
  "if (x := {1: 2}):",
  "if x := 1:",
  "if TYPE_CHECKING:",
  "if t.TYPE_CHECKING :",
  "if not TYPE_CHECKING:",
  "if not t.TYPE_CHECKING:",
  "for i in x[1:2]:",
  "while (lambda: 1)():",
  "while lambda: 1:",
  "with a as b, \\\n  c:",
);
const handler = fc.constantFrom(
  "except ImportError:",
  "except (KeyError, ImportError) as e:",
  "except KeyError:",
  "except (\n  # ImportError\n  KeyError, OSError):",
  "except builtins.Exception:",
);

const { block } = fc.letrec<{ block: Lines; statement: Lines; compound: Lines; body: Lines }>((tie) => ({
  block: fc.array(tie("statement"), { minLength: 1, maxLength: 5 }).map((statements) => statements.flat()),
  statement: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    anyImport.map((text) => [text]),
    oneLine.map((text) => [text]),
    noise.map((text) => [text]),
    comment.map((text) => [text]),
    tie("compound"),
  ),
  body: fc
    .tuple(fc.constantFrom(" ", "  ", "    ", "\t"), tie("block"))
    .map(([indent, lines]) => [...lines, "pass"].map((line) => indent + line)),
  compound: fc.oneof(
    fc.tuple(header, tie("body")).map(([head, body]) => [head, ...body]),
    fc
      .tuple(
        header.filter((head) => !head.includes("#")),
        oneLine,
      )
      .map(([head, line]) => [`${head} ${line}`]),
    fc
      .tuple(tie("body"), tie("body"), tie("body"))
      .map(([one, two, three]) => ["if x:", ...one, "elif TYPE_CHECKING:", ...two, "else:", ...three]),
    fc
      .tuple(
        tie("body"),
        fc.array(fc.tuple(handler, tie("body")), { minLength: 1, maxLength: 2 }),
        tie("body"),
      )
      .map(([body, handlers, last]) => [
        "try:",
        ...body,
        ...handlers.flat(2),
        "else:",
        ...last,
        "finally:",
        ...last,
      ]),
    fc.tuple(tie("body"), tie("body")).map(([one, two]) => ["try:", ...one, "except:", ...two]),
  ),
}));

export const moduleSource: fc.Arbitrary<string> = fc
  .tuple(block, fc.constantFrom("\n", "\r\n", "\r"), fc.constantFrom("", "\ufeff"), fc.boolean())
  .map(
    ([lines, newline, mark, ended]) =>
      mark + (lines.join("\n") + (ended ? "\n" : "")).replaceAll("\n", newline),
  );
