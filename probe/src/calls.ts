/** HTTP calls of the wire contract, judged: what the gateway answered, told apart from what is not its answer. */
import { errorBodySchema } from "@trueline/protocol";
import type { z } from "zod";
import { Inconclusive, LegFailure } from "./failures.ts";

export interface Call {
  readonly method: "GET" | "POST" | "DELETE";
  readonly path: string;
  readonly token?: string;
  readonly body?: unknown;
  readonly signal: AbortSignal;
}

export type Answer =
  /** `body`: JSON; undefined for an answer without a body. */
  | { readonly kind: "done"; readonly status: number; readonly body: unknown }
  /** An error as the contract writes it. */
  | { readonly kind: "refused"; readonly status: number; readonly code: string; readonly message: string }
  /** Answered, but not as the contract says. */
  | { readonly kind: "foreign"; readonly status: number; readonly what: string }
  | { readonly kind: "unreachable"; readonly what: string };

export async function call(url: string, { method, path, token, body, signal }: Call): Promise<Answer> {
  let response: Response;
  let text: string;
  try {
    response = await fetch(url + path, {
      method,
      redirect: "manual",
      headers: {
        accept: "application/json",
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal,
    });
    text = await response.text();
  } catch (error) {
    return { kind: "unreachable", what: signal.aborted ? "no answer in time" : reasonOf(error) };
  }
  return read(response.status, text);
}

/** The answer of a call that must be done; whatever else it is fails the leg. */
export async function mustDo<Schema extends z.ZodType>(
  url: string,
  wanted: Call,
  schema: Schema,
): Promise<z.infer<Schema>> {
  const answer = await call(url, wanted);
  if (answer.kind !== "done") throw failureOf(wanted, answer);
  const parsed = schema.safeParse(answer.body);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue && issue.path.length > 0 ? `${issue.path.join(".")}: ` : "";
  throw new LegFailure(
    `${nameOf(wanted)} answered another body: ${where}${issue?.message ?? "does not fit"}`,
  );
}

export function failureOf(wanted: Call, answer: Exclude<Answer, { kind: "done" }>): Error {
  const name = nameOf(wanted);
  if (answer.kind === "unreachable") return new LegFailure(`${name}: ${answer.what}`);
  if (answer.kind === "foreign") return new LegFailure(`${name} answered ${answer.status}, ${answer.what}`);
  const what = `${name} was refused: ${answer.code}, ${answer.message}`;
  return answer.code === "going_away" ? new Inconclusive("going_away", what) : new LegFailure(what);
}

/** Never with a query: a ticket stands in one. */
const nameOf = ({ method, path }: Call): string => `${method} ${path}`;

function read(status: number, text: string): Answer {
  let body: unknown;
  try {
    body = text === "" ? undefined : JSON.parse(text);
  } catch {
    return { kind: "foreign", status, what: "a body that is not JSON" };
  }
  if (status >= 200 && status < 300) return { kind: "done", status, body };
  const refusal = errorBodySchema.safeParse(body);
  if (!refusal.success) return { kind: "foreign", status, what: "not an error of the contract" };
  const { code, message } = refusal.data.error;
  return { kind: "refused", status, code, message };
}

function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  const { code, message } = (cause ?? error) as { code?: unknown; message?: unknown };
  return typeof code === "string" ? code : String(message);
}
