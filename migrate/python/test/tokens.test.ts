import { expect, it } from "vitest";
import { scanText } from "./support/judge.ts";

const strings = (source: string) => {
  const bytes = Buffer.from(source);
  return scanText(source, true).strings.map(({ span, prefix, quote, joined }) => ({
    text: bytes.toString("utf8", span.start, span.end),
    prefix,
    quote,
    joined,
  }));
};

it("SC2: each string is found with its prefix and quotes", () => {
  expect(strings(`patch("a.b.X", Rb'y', f'{"inner"}', '''z\n''', ab'', '')\n`)).toEqual([
    { text: '"a.b.X"', prefix: "", quote: '"', joined: false },
    { text: "Rb'y'", prefix: "rb", quote: "'", joined: false },
    { text: `f'{"inner"}'`, prefix: "f", quote: "'", joined: false },
    { text: "'''z\n'''", prefix: "", quote: "'''", joined: false },
    { text: "''", prefix: "", quote: "'", joined: false },
    { text: "''", prefix: "", quote: "'", joined: false },
  ]);
});

it("SC2: a string that Python joins to the one before it is told from one that stands alone", () => {
  const source = "('a'  # half a path\n  '.b') + \\\n'c' \\\n'd'\n'e'; 'f'\n['g', 'h' 'i']\n'j'\n";
  const joined = strings(source).filter((one) => one.joined);
  expect(joined.map(({ text }) => text)).toEqual(["'.b'", "'d'", "'i'"]);
});

it("SC2: comments are found, and a hash in a string is none", () => {
  const source = "#!x\nx = '#' # é\n(  # in brackets\n)";
  const comments = scanText(source, true).comments.map(({ span }) => [
    span.line,
    span.column,
    span.endColumn,
  ]);
  expect(comments).toEqual([
    [1, 1, 4],
    [2, 9, 12],
    [3, 4, 17],
  ]);
});
