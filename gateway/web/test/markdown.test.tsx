/** Answers as they are shown: what markdown becomes, and what never gets in. */
import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it } from "vitest";
import { GrowingBlocks, lexWhole } from "../src/parts/growing-blocks.ts";
import { Markdown } from "../src/parts/markdown.tsx";
import { closeOpenMarks } from "../src/parts/open-marks.ts";
import { plainText } from "../src/parts/plain-text.ts";

const shown = (text: string): string =>
  renderToStaticMarkup(<Markdown text={text} />).replace(/^<div class="prose">(.*)<\/div>$/s, "$1");

describe("UI1: an answer is shown as markdown", () => {
  it.each([
    ["a **b** `c`", "<p>a <strong>b</strong> <code>c</code></p>"],
    ["# One", "<h3>One</h3>"],
    ["1. a\n2. b", '<ol start="1"><li>a</li><li>b</li></ol>'],
    ["3 < 4 & 5 &amp; 6", "<p>3 &lt; 4 &amp; 5 &amp; 6</p>"],
    ["`a && b < c`", "<p><code>a &amp;&amp; b &lt; c</code></p>"],
    ["> quoted", "<blockquote><p>quoted</p></blockquote>"],
  ])("UI1: %j", (text, html) => {
    expect(shown(text)).toBe(html);
  });

  it("UI1: a code block keeps its text and names its language", () => {
    const html = shown('```ts\nif (a < b) "c";\n```');
    expect(html).toContain("<code>if (a &lt; b) &quot;c&quot;;</code>");
    expect(html).toContain("<span>ts</span>");
    expect(html).toContain('aria-label="Copy code"');
  });

  it("UI1: a table has header cells and aligned columns", () => {
    const html = shown("| a | b |\n|:--|--:|\n| 1 | 2 |");
    expect(html).toContain('<th class="left" scope="col">a</th>');
    expect(html).toContain('<td class="right">2</td>');
  });
});

describe("UI1: nothing in an answer becomes markup or loads anything", () => {
  it.each([
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "text with <b onclick=alert(1)>inline</b> markup",
    "[x](javascript:alert(1))",
    "[x](data:text/html,<script>alert(1)</script>)",
    "[x](  JaVaScRiPt:alert(1))",
    "![x](javascript:alert(1))",
    "<javascript:alert(1)>",
    '[x](https://a.example "><script>alert(1)</script>")',
    "```<script>\nalert(1)\n```",
    "<svg/onload=alert(1)>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
  ])("UI1: %j", (text) => {
    const html = shown(text);
    expect(html).not.toMatch(/<(?:script|img|b|iframe|style|object)\b/i);
    expect(html).not.toMatch(/<[^>]*\son\w+=/i);
    expect(html).not.toMatch(/(?:href|src)="(?!https?:|mailto:)/i);
  });

  it("UI1: an image is a link, so that its address is asked for only when somebody clicks it", () => {
    expect(shown("![chart](https://evil.example/?q=secret)")).toBe(
      '<p><a href="https://evil.example/?q=secret" target="_blank" rel="noopener noreferrer" title="https://evil.example/?q=secret">chart</a></p>',
    );
  });
});

describe("UI1: half a mark at the end of a streamed answer does not flash up", () => {
  it.each([
    ["a **bo", "a **bo**"],
    ["a **", "a "],
    ["a `co", "a `co`"],
    ["see [the docs](https://exa", "see the docs"],
    ["a\n\n| f | g |\n|:--|-", "a\n\n"],
    ["| a | b |\n|--|--|\n| 1", "| a | b |\n|--|--|\n"],
    ["```js\nlet a = `b **c", "```js\nlet a = `b **c"],
    ["whole **bold** and `code`.", "whole **bold** and `code`."],
  ])("UI1: %j", (text, closed) => {
    expect(closeOpenMarks(text)).toBe(closed);
  });
});

describe("UI1: an answer that grew piece by piece is the same as one that came whole", () => {
  const text = [
    "# Head\n\nA paragraph\nof two lines with **bold** text.",
    "- one\n- two\n\n  still two\n\n- three",
    "```js\nconst a = 1;\n\nconst b = `x`;\n```",
    "| a | b |\n|---|---|\n| 1 | 2 |\n| 3 | 4 |",
    "> quoted\n> more",
    "1. first\n2. second\n   - nested\n\nThe end.\n",
  ].join("\n\n");

  it.each([1, 2, 7, 40])("UI1: in pieces of %i", (size) => {
    const growing = new GrowingBlocks();
    for (let end = size; end < text.length; end += size) growing.blocksOf(text.slice(0, end));
    const raws = (blocks: ReturnType<typeof lexWhole>) => blocks.map(({ type, raw }) => [type, raw]);
    expect(raws(growing.blocksOf(text))).toEqual(raws(lexWhole(text)));
  });
});

describe("UI1: what is read out are words, not marks", () => {
  it.each([
    ["**12.5 = 10** and `c`", "12.5 = 10 and c"],
    ["# One\n\ntwo [three](https://four.example)\n\n---", "One\ntwo three"],
    ["- a\n- *b*\n  - c", "a\nb\nc"],
    ["- [x] done", "done"],
    ["> 3 < 4 &amp; 5", "3 < 4 & 5"],
    ["| a | b |\n|--|--|\n| 1 | **2** |", "a, b\n1, 2"],
    ["```ts\nlet a;\n```", "let a;"],
    [
      "\\*as it is\\* \\[x\\](https\\://y.example) \\&amp; www\\.z.example",
      "*as it is* [x](https://y.example) &amp; www.z.example",
    ],
  ])("UI1: %j", (text, words) => {
    expect(plainText(text)).toBe(words);
  });

  it("UI1: escaped marks are shown as they were written, also while they come", () => {
    const quoted = "\\*\\*a\\*\\* \\[x\\](https\\://y.example) \\`b \\&amp; www\\.z.example";
    const html = "<p>**a** [x](https://y.example) `b &amp;amp; www.z.example</p>";
    expect(shown(quoted)).toBe(html);
    expect(closeOpenMarks(quoted)).toBe(quoted);
    expect(closeOpenMarks("see \\[x\\](htt")).toBe("see \\[x\\](htt");
  });
});
