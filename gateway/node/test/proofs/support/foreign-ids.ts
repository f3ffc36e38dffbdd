/** Tries the ids of another user, and ids of the same form that do not exist, on every route and frame that takes one (IS2). */
import { newId } from "@trueline/kit";
import type { OwnIds, Resident } from "./resident.ts";

export interface Tried {
  readonly faults: readonly string[];
  readonly count: number;
  readonly foreignMs: readonly number[];
  readonly missingMs: readonly number[];
}

/** Gives what was answered, as text in which the id that was asked for is blotted. */
type Attempt = (resident: Resident, ids: OwnIds) => Promise<string>;

const http =
  (method: string, path: (ids: OwnIds) => string, body?: unknown): Attempt =>
  async (resident, ids) =>
    JSON.stringify(await resident.call(method, path(ids), body));

const frame =
  (make: (ids: OwnIds) => Record<string, unknown>): Attempt =>
  async (resident, ids) =>
    JSON.stringify(await resident.request({ id: "attempt", ...make(ids) }));

const message = { id: "attempt", text: "let me in" };
const attempts: Readonly<Record<string, Attempt>> = {
  "GET thread": http("GET", ({ threadId }) => `/v1/threads/${threadId}`),
  "PATCH thread": http("PATCH", ({ threadId }) => `/v1/threads/${threadId}`, { title: "mine" }),
  "DELETE thread": http("DELETE", ({ threadId }) => `/v1/threads/${threadId}`),
  "POST message": http("POST", ({ threadId }) => `/v1/threads/${threadId}/messages`, message),
  "GET run": http("GET", ({ runId }) => `/v1/runs/${runId}`),
  "cancel run": http("POST", ({ runId }) => `/v1/runs/${runId}/cancel`),
  "run as thread": http("GET", ({ runId }) => `/v1/threads/${runId}`),
  "message as thread": http("GET", ({ messageId }) => `/v1/threads/${messageId}`),
  "message as run": http("GET", ({ messageId }) => `/v1/runs/${messageId}`),
  "send frame": frame(({ threadId }) => ({ type: "send", text: "let me in", threadId })),
  "send frame that steers": frame(({ threadId }) => {
    return { type: "send", text: "let me in", threadId, whileActive: "steer" };
  }),
  "cancel frame": frame(({ runId }) => ({ type: "cancel", runId })),
};

export async function findDifferences(resident: Resident, other: Resident): Promise<Tried> {
  const faults: string[] = [];
  const foreignMs: number[] = [];
  const missingMs: number[] = [];
  for (const [name, attempt] of Object.entries(attempts)) {
    const missing = { threadId: newId("thread"), runId: newId("run"), messageId: newId("message") };
    const [toForeign, foreignTime] = await timed(() => attempt(resident, other.ids));
    const [toMissing, missingTime] = await timed(() => attempt(resident, missing));
    foreignMs.push(foreignTime);
    missingMs.push(missingTime);
    if (blot(toForeign, other.ids) !== blot(toMissing, missing))
      faults.push(`${name}: a foreign id was answered ${toForeign}, one that does not exist ${toMissing}`);
    if (!toMissing.includes("not_found")) faults.push(`${name} was answered ${toMissing}`);
  }
  return { faults, count: Object.keys(attempts).length, foreignMs, missingMs };
}

async function timed<Value>(act: () => Promise<Value>): Promise<readonly [Value, number]> {
  const startedAt = performance.now();
  return [await act(), performance.now() - startedAt];
}

const blot = (text: string, ids: OwnIds): string =>
  Object.values(ids).reduce((left, id) => left.replaceAll(String(id), "*"), text);
