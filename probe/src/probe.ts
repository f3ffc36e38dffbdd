/**
 * Walks the golden path of a running gateway as a real client does, from outside, over the wire contract alone (HC2). The
 * legs are in legs/; what came is judged in judge.ts. A walk never throws and never hangs: it always gives a report.
 */
import { inconclusiveCodes, type ProbeReport, probeLegNames } from "@trueline/protocol";
import {
  answer,
  eventsInOrder,
  firstEvent,
  newMarker,
  questionWith,
  type Sent,
  send,
  untilEnd,
} from "./legs/ask.ts";
import { type Connections, connectBoth } from "./legs/connect.ts";
import { isolation } from "./legs/isolation.ts";
import { resume } from "./legs/resume.ts";
import { cleanUp, signIn, type Users } from "./legs/sign-in.ts";
import { type ProbeOptions, type ResolvedOptions, resolveOptions } from "./options.ts";
import type { ProbeSocket } from "./probe-socket.ts";
import { Walk } from "./walk.ts";

export interface Probe {
  readonly url: string;
  /** One walk. Never rejects. */
  run(): Promise<ProbeReport>;
}

/** Throws `ProbeOptionsError`. */
export function createProbe(options: ProbeOptions): Probe {
  const resolved = resolveOptions(options);
  return { url: resolved.url, run: () => walkOnce(resolved) };
}

async function walkOnce(options: ResolvedOptions): Promise<ProbeReport> {
  const at = new Date().toISOString();
  const begun = performance.now();
  const walk = new Walk();
  await goldenPath(walk, options);
  const durationMs = Math.round(performance.now() - begun);
  return { ...verdict(walk), url: options.url, at, durationMs, legs: walk.legs };
}

/** In the middle of this: what the next legs stand on. */
async function goldenPath(walk: Walk, options: ResolvedOptions): Promise<void> {
  const { url, budgets } = options;
  const users = await walk.leg("login", budgets.otherMs, (signal) => signIn(options, signal));
  if (!users.ok) return;
  const sent: Sent[] = [];
  const connections = await walk.leg("connect", budgets.connectMs, (signal) =>
    connectBoth(url, users.value, signal),
  );
  if (connections.ok) await conversation(walk, options, users.value, connections.value, sent);
  await walk.leg("cleanup", budgets.otherMs, (signal) =>
    cleanUp(url, users.value, sent[0]?.threadId, signal),
  );
}

async function conversation(
  walk: Walk,
  { url, budgets, agent }: ResolvedOptions,
  users: Users,
  { first, second }: Connections,
  sent: Sent[],
): Promise<void> {
  const sockets: ProbeSocket[] = [first.socket, second.socket];
  const marker = newMarker();
  const text = questionWith(marker);
  try {
    const acked = await walk.leg("send", budgets.otherMs, (signal) =>
      send(first.socket, { text, agent }, signal),
    );
    if (!acked.ok) return;
    sent.push(acked.value);
    if (await oneRun(walk, budgets, first, acked.value)) {
      const { threadId } = acked.value;
      const budget = budgets.otherMs + budgets.connectMs + budgets.answerMs;
      const resumed = await walk.leg("resume", budget, (signal) =>
        resume({ url, user: users.first, connected: first, threadId, text, agent }, signal),
      );
      if (resumed.ok) {
        sockets.push(resumed.value.second.socket);
        sent.push(resumed.value.sent);
      }
    }
    await walk.leg("isolation", budgets.otherMs, (signal) =>
      isolation({ url, users, connected: second, sent, marker }, signal),
    );
  } finally {
    for (const socket of sockets) socket.close();
  }
}

/** Whether it ended as it must, so that another one can be dropped in the middle. */
async function oneRun(
  walk: Walk,
  budgets: ResolvedOptions["budgets"],
  connected: Connections["first"],
  sent: Sent,
): Promise<boolean> {
  const { socket } = connected;
  const began = await walk.leg("first_event", budgets.firstEventMs, (signal) =>
    firstEvent(socket, sent, signal),
  );
  if (!began.ok) return false;
  const ending = await untilEnd(socket, sent, budgets.answerMs);
  await walk.leg("events", budgets.answerMs, () => eventsInOrder(connected, sent));
  const answered = await walk.leg("answer", budgets.answerMs, () => answer(ending));
  return answered.ok;
}

function verdict({ legs, inconclusive }: Walk): Pick<ProbeReport, "outcome" | "code" | "message"> {
  if (inconclusive) {
    const { code, message } = inconclusive;
    return { outcome: "inconclusive", code, message: `${inconclusiveCodes[code]}: ${message}` };
  }
  const failed = legs.filter(({ ok }) => !ok);
  const [worst] = failed;
  if (!worst) return { outcome: "pass", message: `all ${probeLegNames.length} legs hold` };
  const more =
    failed.length > 1
      ? ` (and ${failed
          .slice(1)
          .map(({ name }) => name)
          .join(", ")})`
      : "";
  return { outcome: "fail", message: `${worst.name}: ${worst.detail ?? "failed"}${more}` };
}
