/**
 * The leg through a drop: a second run, the socket cut right after the run's first event, another one that gives the
 * position. What was lost on the way, in the frame and behind it, must come again, and nothing else.
 */
import { type Position, threadResponseSchema } from "@trueline/protocol";
import { mustDo } from "../calls.ts";
import { LegFailure } from "../failures.ts";
import { breachOfOrder, breachOfRun, isTerminal } from "../judge.ts";
import type { Item, WireEvent } from "../received.ts";
import type { Walked } from "../walk.ts";
import { newMarker, type Sent, send } from "./ask.ts";
import { type Connected, connect } from "./connect.ts";
import type { SignedIn } from "./sign-in.ts";

export interface ResumeWalk {
  readonly url: string;
  readonly user: SignedIn;
  readonly connected: Connected;
  readonly threadId: string;
  readonly text: string;
  readonly agent: string | undefined;
}

export interface Resumed {
  readonly sent: Sent;
  readonly second: Connected;
}

export async function resume(walk: ResumeWalk, signal: AbortSignal): Promise<Walked<Resumed>> {
  const { connected, url, user } = walk;
  const { sent, cutAt, seenBefore } = await sendAndCut(walk, signal);
  const position = { epoch: connected.welcome.position.epoch, seq: cutAt.seq };
  const second = await connect(url, user, signal, position);
  try {
    await judgeResumption(walk, { position, second, sent, seenBefore }, signal);
  } catch (error) {
    second.socket.terminate();
    throw error;
  }
  const missed = second.socket.events(sent.runId).length;
  return { value: { sent, second }, detail: `cut after event ${cutAt.seq}, ${missed} events came after it` };
}

/** The events of the run that came before the cut are its `seenBefore`. */
async function sendAndCut({ connected, threadId, text, agent }: ResumeWalk, signal: AbortSignal) {
  const { socket, welcome } = connected;
  // The ack may come after the first event. So the cut is at a run that was not there before, in this thread.
  const known = new Set(socket.events().map(({ runId }) => runId));
  const isOurs = (event: WireEvent) =>
    event.threadId === threadId && event.type === "agent_started" && !known.has(event.runId);
  const { value: sent } = await send(socket, { text, threadId, agent }, signal);
  const already = socket.events().find(isOurs);
  if (!already) socket.cutAfter(isOurs);
  const cutAt =
    already ?? (await socket.until("start of the second run", signal, () => socket.events().find(isOurs)));
  socket.terminate();
  const breach = breachOfOrder(upTo(socket.received, cutAt.seq), welcome.position.seq);
  if (breach !== undefined) throw new LegFailure(`before the cut: ${breach}`);
  return { sent, cutAt, seenBefore: socket.events(sent.runId).filter(({ seq }) => seq <= cutAt.seq) };
}

interface Resumption {
  readonly position: Position;
  readonly second: Connected;
  readonly sent: Sent;
  readonly seenBefore: readonly WireEvent[];
}

async function judgeResumption(
  walk: ResumeWalk,
  { position, second: { socket, welcome }, sent, seenBefore }: Resumption,
  signal: AbortSignal,
): Promise<void> {
  if (welcome.resumed === "reset")
    throw new LegFailure(await resetWords(walk, socket.received, sent, signal));
  if (welcome.resumed === "live") throw new LegFailure("it went on live: what came during the drop is lost");
  const { epoch, seq } = welcome.position;
  if (epoch !== position.epoch || seq !== position.seq) {
    throw new LegFailure(`it went on at ${epoch}:${seq}, and ${position.epoch}:${position.seq} was given`);
  }
  await socket.until("end of the second run", signal, () => {
    // A breach is told at once: with an event missing, the end may never come.
    const breach = breachOfOrder(socket.received, position.seq);
    if (breach !== undefined) throw new LegFailure(`after the drop: ${breach}`);
    return socket.events(sent.runId).find(isTerminal);
  });
  await socket.roundTrip(newMarker(), signal);
  const breach =
    breachOfOrder(socket.received, position.seq) ??
    breachOfRun([...seenBefore, ...socket.events(sent.runId)]);
  if (breach !== undefined) throw new LegFailure(`after the drop: ${breach}`);
}

/** A reset is no silent loss: the client is told to load a snapshot. So it is said whether that one was whole. */
async function resetWords(
  { url, user, threadId }: ResumeWalk,
  items: readonly Item[],
  sent: Sent,
  signal: AbortSignal,
): Promise<string> {
  const frame = items.flatMap((item) =>
    item.kind === "control" && item.frame.type === "reset" ? [item.frame] : [],
  );
  const reason = frame[0]?.reason ?? "no reason given";
  const path = `/v1/threads/${encodeURIComponent(threadId)}`;
  const thread = await mustDo(url, { method: "GET", path, token: user.token, signal }, threadResponseSchema);
  const isThere = thread.messages.some(({ runId }) => runId === sent.runId);
  return `reset (${reason}) instead of what followed a position that was just given; ${
    isThere
      ? "nothing is lost, the thread over HTTP has it"
      : "and the thread over HTTP does not have it either"
  }`;
}

function upTo(items: readonly Item[], seq: number): readonly Item[] {
  const end = items.findIndex((item) => item.kind === "event" && item.event.seq === seq);
  return end < 0 ? items : items.slice(0, end + 1);
}
