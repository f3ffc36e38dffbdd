/** CPython as the judge: one process for many sources. What it says and what the scanner says are brought into one form. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Span } from "@trueline/migrate-model";
import { type ImportStatement, type ScannedSource, scanPython } from "../../src/index.ts";

/** Lines and columns of the first character and of the one after the last. */
type Place = readonly [number, number, number, number];

export interface JudgedImport {
  readonly kind: string;
  readonly module: string;
  readonly level: number;
  readonly span: Place;
  readonly names: readonly (readonly [string, string, Place])[];
  readonly nesting: readonly string[];
}

export interface Verdict {
  /** CPython cannot read the source. */
  readonly error?: string;
  readonly imports?: readonly JudgedImport[];
  /** Place, and whether it is joined to the literal before it. */
  readonly strings?: readonly (readonly [...Place, boolean])[];
  readonly comments?: readonly Place[];
}

export type Question = ({ readonly path: string } | { readonly source: Buffer }) & {
  readonly tokens?: boolean;
};

export interface Judge {
  readonly version: readonly number[];
  ask(question: Question): Promise<Verdict>;
  close(): Promise<void>;
}

export async function callJudge(python = "python3"): Promise<Judge> {
  const child = spawn(python, ["-X", "utf8", new URL("judge.py", import.meta.url).pathname], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<unknown> => {
    const { value, done } = await answers.next();
    if (done) throw new Error("The judge went away without an answer.");
    return JSON.parse(value);
  };
  const { version } = (await next()) as { version: readonly number[] };
  return {
    version,
    ask(question) {
      const request =
        "source" in question ? { ...question, source: question.source.toString("base64") } : question;
      child.stdin.write(`${JSON.stringify(request)}\n`);
      return next() as Promise<Verdict>;
    },
    async close() {
      const exit = once(child, "exit");
      child.stdin.end();
      await exit;
    },
  };
}

/** What the scanner found, in the words of the judge. */
export function testify({ imports, strings, comments }: ScannedSource, tokens = false): Verdict {
  const told = { imports: imports.map(describe) };
  if (!tokens) return told;
  return {
    ...told,
    strings: strings.map(({ span, joined }) => [...place(span), joined] as const),
    comments: comments.map(({ span }) => place(span)),
  };
}

export const scanText = (text: string, tokens = false): ScannedSource =>
  scanPython(Buffer.from(text), { tokens });

function describe(one: ImportStatement): JudgedImport {
  return {
    kind: one.kind,
    module: one.kind === "from" ? one.module : "",
    level: one.kind === "from" ? one.level : 0,
    span: place(one.span),
    names: one.names.map(({ name, nameSpan, alias }) => [
      name,
      alias?.name ?? "",
      place({ ...nameSpan, ...(alias && ending(alias.span)) }),
    ]),
    nesting: one.nesting.map((enclosure) =>
      "name" in enclosure ? `${enclosure.kind} ${enclosure.name}` : enclosure.kind,
    ),
  };
}

const ending = ({ end, endLine, endColumn }: Span) => ({ end, endLine, endColumn });
const place = ({ line, column, endLine, endColumn }: Span): Place => [line, column, endLine, endColumn];
