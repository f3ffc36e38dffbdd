/** The legs of one run: a message is sent and acknowledged, its run begins, its events come in order, it is answered. */
import { randomToken } from "@trueline/kit";
import { Inconclusive, LegFailure } from "../failures.ts";
import { breachOfOrder, breachOfRun, isTerminal } from "../judge.ts";
import type { ProbeSocket } from "../probe-socket.ts";
import type { WireEvent } from "../received.ts";
import { seconds, type Walked } from "../walk.ts";
import type { Connected } from "./connect.ts";

export interface Sent {
  readonly runId: string;
  readonly threadId: string;
  readonly messageId: string;
  /** Milliseconds on the probe's clock. */
  readonly sentAt: number;
}

/** A question that every agent can answer in a line, with a marker that must not be seen by anybody else. */
export const questionWith = (marker: string): string =>
  `Golden path probe ${marker}. What is 17 * 23? Answer in one short sentence.`;

export const newMarker = (): string => `probe-${randomToken(9)}`;

export async function send(
  socket: ProbeSocket,
  message: { readonly text: string; readonly threadId?: string; readonly agent: string | undefined },
  signal: AbortSignal,
): Promise<Walked<Sent>> {
  const { text, threadId, agent } = message;
  const id = newMarker();
  const sentAt = performance.now();
  const to = { ...(threadId === undefined ? {} : { threadId }), ...(agent === undefined ? {} : { agent }) };
  socket.send({ type: "send", id, text, ...to });
  const answer = await socket.until("ack", signal, () =>
    socket.received
      .flatMap((item) => (item.kind === "control" ? [item.frame] : []))
      .find((frame) => (frame.type === "ack" || frame.type === "refused") && frame.id === id),
  );
  if (answer.type === "refused" && answer.code === "unknown_agent" && agent !== undefined)
    throw new Inconclusive("unknown_agent", answer.message);
  if (answer.type === "refused")
    throw new LegFailure(`the message was refused: ${answer.code}, ${answer.message}`);
  if (answer.type !== "ack") throw new LegFailure("the message was not acknowledged");
  const { runId, messageId } = answer;
  return { value: { runId, messageId, threadId: answer.threadId, sentAt } };
}

/** The first event that says that the run goes, not only that it was accepted. */
export async function firstEvent(
  socket: ProbeSocket,
  sent: Sent,
  signal: AbortSignal,
): Promise<Walked<number>> {
  const first = await socket.until("first event of the run", signal, () =>
    socket.events(sent.runId).find(({ type }) => type !== "message_accepted"),
  );
  return { value: first.arrivedAt, ms: first.arrivedAt - sent.sentAt };
}

/** How the run ended for whoever waited for it; never rejects. */
export type Ending =
  | { readonly kind: "ended"; readonly event: WireEvent; readonly ms: number }
  | { readonly kind: "not ended"; readonly error: unknown; readonly ms: number };

/** Waits for the end of the run, and a round trip longer: nothing may come after it. */
export async function untilEnd(socket: ProbeSocket, sent: Sent, answerMs: number): Promise<Ending> {
  const leftMs = Math.max(1, Math.ceil(answerMs - (performance.now() - sent.sentAt)));
  try {
    const signal = AbortSignal.timeout(leftMs);
    const last = await socket.until("terminal event of the run", signal, () =>
      socket.events(sent.runId).find(isTerminal),
    );
    // That no pong comes is another leg's finding: each of them asks again.
    await socket.roundTrip(newMarker(), AbortSignal.timeout(lingerMs)).catch(() => undefined);
    return { kind: "ended", event: last, ms: last.arrivedAt - sent.sentAt };
  } catch (error) {
    return { kind: "not ended", error, ms: performance.now() - sent.sentAt };
  }
}

const lingerMs = 2_000;

/** Everything that has come on this connection since its welcome, and the run in it. */
export function eventsInOrder({ socket, welcome }: Connected, sent: Sent): Walked<number> {
  const events = socket.events(sent.runId);
  const breach = breachOfOrder(socket.received, welcome.position.seq) ?? breachOfRun(events);
  if (breach !== undefined) throw new LegFailure(breach);
  const foreign = events.find(({ threadId }) => threadId !== sent.threadId);
  if (foreign) throw new LegFailure(`${foreign.type} ${foreign.seq} names another thread than the ack`);
  const ms = (events.at(-1)?.arrivedAt ?? 0) - (events[0]?.arrivedAt ?? 0);
  return { value: events.length, ms, detail: `${events.length} events` };
}

export function answer(ending: Ending): Walked<string> {
  if (ending.kind === "not ended") throw ending.error;
  const { event, ms } = ending;
  const { text, code, message } = event.data;
  if (event.type === "agent_failed")
    throw new LegFailure(`the run failed: ${String(code)}, ${String(message)}`);
  if (event.type === "agent_cancelled") throw new LegFailure("the run was cancelled, and not by the probe");
  if (typeof text !== "string" || text === "") throw new LegFailure("the answer is empty");
  return { value: text, ms, detail: `after ${seconds(ms)}` };
}
