/**
 * `npm run proof:python -- [--python python3] [--tokens] [folder …]`: scans every Python file of the folders, the standard library
 * of that Python when none is given, and compares each import statement with what CPython's `ast` says of it; with
 * `--tokens` each string and comment too. Prints the counts; exit code 1 for a difference.
 */
import { execFileSync } from "node:child_process";
import { globSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual, parseArgs } from "node:util";
import { createReader, scanPython } from "../../src/index.ts";
import { callJudge, type JudgedImport, testify, type Verdict } from "../support/judge.ts";

const options = {
  python: { type: "string", default: "python3" },
  tokens: { type: "boolean", default: false },
} as const;
const { values, positionals } = parseArgs({ args: process.argv.slice(2), options, allowPositionals: true });

const judge = await callJudge(values.python);
const folders = positionals.length > 0 ? positionals : [standardLibrary(values.python)];
const counts = { files: 0, megabytes: 0, statements: 0, strings: 0, comments: 0, unreadable: 0, named: 0 };
const differences: string[] = [];
const reader = createReader();
for (const folder of folders) {
  for (const path of globSync("**/*.{py,pyi}", { cwd: folder })) await compare(join(folder, path));
}
await judge.close();

process.stdout.write(
  `${JSON.stringify({ cpython: judge.version.join("."), ...counts, megabytes: Math.round(counts.megabytes) })}\n`,
);
for (const difference of differences.slice(0, 50)) process.stdout.write(`${difference}\n`);
process.stdout.write(`${differences.length} differences\n`);
process.exitCode = differences.length > 0 ? 1 : 0;

async function compare(path: string): Promise<void> {
  const read = reader.read(path);
  if (!read.ok) {
    differences.push(`${path}: ${read.reason}`);
    return;
  }
  const tokens = values.tokens && !hasLoneReturn(read.bytes);
  const scanned = scanPython(read.bytes, { tokens });
  const [said, verdict] = [testify(scanned, tokens), await judge.ask({ path, tokens })];
  counts.files++;
  counts.megabytes += read.bytes.length / 1e6;
  if (verdict.error !== undefined) {
    counts.unreadable++;
    if (scanned.problems.length > 0) counts.named++;
    return;
  }
  count(verdict);
  for (const { kind, detail, line, column } of scanned.problems) {
    differences.push(`${path}:${line}:${column}: ${kind} ${detail ?? ""}, and CPython reads the file`);
  }
  if (!isDeepStrictEqual(said, verdict)) differences.push(`${path}: ${firstDifference(said, verdict)}`);
}

function count({ imports = [], strings = [], comments = [] }: Verdict): void {
  counts.statements += imports.length;
  counts.strings += strings.length;
  counts.comments += comments.length;
}

function firstDifference(said: Verdict, verdict: Verdict): string {
  for (const key of ["imports", "strings", "comments"] as const) {
    const [ours, theirs]: readonly (readonly (JudgedImport | readonly unknown[])[])[] = [
      said[key] ?? [],
      verdict[key] ?? [],
    ];
    const index = (theirs ?? []).findIndex((one, at) => !isDeepStrictEqual(one, ours?.[at]));
    if (index >= 0) return `${key}: ${JSON.stringify(ours?.[index])} is ${JSON.stringify(theirs?.[index])}`;
    if (ours?.length !== theirs?.length) return `${key}: ${JSON.stringify(ours?.at(-1))} is none`;
  }
  return "the same facts in another form";
}

/** The judge's `tokenize` takes a lone CR for a blank, unlike its own compiler: there it can judge imports only. */
function hasLoneReturn(bytes: Buffer): boolean {
  return /\r(?!\n)/.test(bytes.toString("latin1"));
}

function standardLibrary(python: string): string {
  const program = "import sysconfig; print(sysconfig.get_path('stdlib'))";
  return execFileSync(python, ["-c", program], { encoding: "utf8" }).trim();
}
