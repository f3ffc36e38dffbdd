/**
 * The leg of the second user, who was connected all the time: nothing of the first one's may have come, over the socket or
 * over HTTP, and the first one's ids must read as ids that do not exist.
 */
import { newId } from "@trueline/kit";
import { threadListResponseSchema, threadResponseSchema } from "@trueline/protocol";
import { type Answer, type Call, call, mustDo } from "../calls.ts";
import { LegFailure } from "../failures.ts";
import { breachOfOrder } from "../judge.ts";
import type { Walked } from "../walk.ts";
import { newMarker, type Sent } from "./ask.ts";
import type { Connected } from "./connect.ts";
import type { Users } from "./sign-in.ts";

export interface IsolationWalk {
  readonly url: string;
  readonly users: Users;
  /** Of the second user. */
  readonly connected: Connected;
  /** The first one's runs, all in one thread. */
  readonly sent: readonly Sent[];
  readonly marker: string;
}

export async function isolation(walk: IsolationWalk, signal: AbortSignal): Promise<Walked<void>> {
  await foreignIdsAreUnknown(walk, signal);
  await listIsOwn(walk, signal);
  const { socket, welcome } = walk.connected;
  await socket.roundTrip(newMarker(), signal);
  const leak = secretsOf(walk).find(({ text }) => socket.texts.some((frame) => frame.includes(text)));
  if (leak)
    throw new LegFailure(`${walk.users.second.email} received ${leak.name} of ${walk.users.first.email}`);
  const breach = breachOfOrder(socket.received, welcome.position.seq);
  if (breach !== undefined) throw new LegFailure(`${walk.users.second.email}, meanwhile: ${breach}`);
  return { value: undefined };
}

function secretsOf({
  sent,
  marker,
}: IsolationWalk): readonly { readonly name: string; readonly text: string }[] {
  return [
    { name: "the words", text: marker },
    ...sent.flatMap(({ runId, threadId, messageId }) => [
      { name: "a run", text: runId },
      { name: "the thread", text: threadId },
      { name: "a message", text: messageId },
    ]),
  ];
}

/** The same answer as for an id that nobody has. That the owner gets another one shows that the question was right. */
async function foreignIdsAreUnknown({ url, users, sent }: IsolationWalk, signal: AbortSignal): Promise<void> {
  const [one] = sent;
  if (!one) return;
  const { first, second } = users;
  const threadPath = (id: string) => `/v1/threads/${encodeURIComponent(id)}`;
  const own = { method: "GET", path: threadPath(one.threadId), token: first.token, signal } as const;
  await mustDo(url, own, threadResponseSchema);
  const questions: readonly Omit<Question, "signal">[] = [
    { method: "GET", path: threadPath, id: one.threadId, unknown: newId("thread") },
    { method: "DELETE", path: threadPath, id: one.threadId, unknown: newId("thread") },
    { method: "GET", path: runPath, id: one.runId, unknown: newId("run") },
    { method: "POST", path: (id) => `${runPath(id)}/cancel`, id: one.runId, unknown: newId("run") },
  ];
  for (const question of questions) await readsAsUnknown(url, second.token, { ...question, signal });
  // The DELETE of the second user must not have worked in secret either.
  await mustDo(url, own, threadResponseSchema);
}

const runPath = (id: string): string => `/v1/runs/${encodeURIComponent(id)}`;

interface Question {
  readonly method: Call["method"];
  readonly path: (id: string) => string;
  readonly id: string;
  readonly unknown: string;
  readonly signal: AbortSignal;
}

async function readsAsUnknown(
  url: string,
  token: string,
  { method, path, id, unknown, signal }: Question,
): Promise<void> {
  const [foreign, none] = await Promise.all(
    [id, unknown].map((asked) => call(url, { method, path: path(asked), token, signal })),
  );
  const name = `${method} ${path(":id")}`;
  if (foreign?.kind !== "refused" || foreign.status !== 404) {
    throw new LegFailure(
      `the second user's ${name} of the first one's was answered ${inWords(foreign)}, not 404`,
    );
  }
  const same = none?.kind === "refused" && none.status === 404 && none.code === foreign.code;
  if (same && foreign.message.replaceAll(id, "") === none.message.replaceAll(unknown, "")) return;
  throw new LegFailure(`${name} tells another's id from one that does not exist`);
}

function inWords(answer: Answer | undefined): string {
  if (!answer || answer.kind === "unreachable") return "nothing";
  return String(answer.status);
}

async function listIsOwn({ url, users, sent }: IsolationWalk, signal: AbortSignal): Promise<void> {
  const wanted = { method: "GET", path: "/v1/threads", token: users.second.token, signal } as const;
  const { threads } = await mustDo(url, wanted, threadListResponseSchema);
  if (threads.some(({ id }) => sent.some(({ threadId }) => threadId === id))) {
    throw new LegFailure("the second user's threads hold the first one's");
  }
}
