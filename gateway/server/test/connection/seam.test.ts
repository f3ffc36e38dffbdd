/** The seam between sockets and runs: connects, drops, sends, cancels and slow reads in every order, against a model. */
import { newId, type ThreadId, type UserId } from "@trueline/kit";
import { isTerminal, type LogEvent, type ThreadResponse } from "@trueline/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type EngineFixture, engineFixture } from "../support/engine-fixture.ts";
import { HandClient } from "../support/hand-client.ts";
import { turns } from "../support/log-fixture.ts";

type Step =
  | {
      readonly do: "connect";
      readonly client: number;
      readonly held: boolean;
      readonly room: number;
      readonly gather: boolean;
    }
  | { readonly do: "drop" | "hold" | "flush" | "release"; readonly client: number }
  | {
      readonly do: "send";
      readonly client: number;
      readonly id: number;
      readonly words: number;
      readonly tool: boolean;
      readonly reuse: boolean;
      readonly steer: boolean;
    }
  | { readonly do: "cancel"; readonly client: number; readonly run: number }
  | { readonly do: "snapshot"; readonly thread: number }
  | { readonly do: "turn"; readonly count: number };

const client = fc.nat(2);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("connect" as const),
      client,
      held: fc.boolean(),
      room: fc.integer({ min: 1, max: 4 }),
      gather: fc.boolean(),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom("drop" as const, "hold" as const, "flush" as const, "release" as const),
      client,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("send" as const),
      client,
      id: fc.nat(5),
      words: fc.nat(8),
      tool: fc.boolean(),
      reuse: fc.boolean(),
      steer: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("cancel" as const), client, run: fc.nat(5) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("snapshot" as const), thread: fc.nat(3) }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant("turn" as const), count: fc.integer({ min: 1, max: 6 }) }),
  },
);

interface Play {
  readonly fixture: EngineFixture;
  readonly user: UserId;
  readonly clients: readonly HandClient[];
  readonly snapshots: ThreadResponse[];
}

async function play(steps: readonly Step[]): Promise<Play> {
  const fixture = engineFixture({ limits: { runsAtOnce: 0, connections: 0 } });
  const user = newId("user");
  const clients = [0, 1, 2].map(() => new HandClient(fixture.managers, user));
  const played: Play = { fixture, user, clients, snapshots: [] };
  for (const each of steps) {
    if (each.do === "snapshot") await snapshot(played, each.thread);
    else await perform(each, clients);
    for (const one of clients) one.take();
  }
  await settle(played);
  return played;
}

async function snapshot({ fixture, user, clients, snapshots }: Play, nth: number): Promise<void> {
  const threads = [...new Set(clients.flatMap((one) => one.events).map((event) => event.threadId))];
  const manager = await fixture.managers.for(user);
  const read = threads[nth] === undefined ? undefined : await manager.getThread(threads[nth] as ThreadId);
  if (read) snapshots.push(read);
}

async function perform(
  each: Exclude<Step, { do: "snapshot" }>,
  clients: readonly HandClient[],
): Promise<void> {
  if (each.do === "turn") return turns(each.count);
  const one = clients[each.client] as HandClient;
  switch (each.do) {
    case "connect":
      return one.connect(each);
    case "send":
      return say(one, each, clients);
    case "cancel": {
      const runId = knownRuns(clients)[each.run];
      if (runId !== undefined) one.say({ type: "cancel", id: `cancel-${each.run}`, runId });
      return;
    }
    case "hold":
      return one.transport.hold();
    default:
      one[each.do]();
  }
}

/** The text is a function of the id, so that the same id is the same message, whoever sends it. */
function say(one: HandClient, send: Extract<Step, { do: "send" }>, clients: readonly HandClient[]): void {
  const text = `${send.id % 2 === 0 ? "tool" : "say"} ${Array.from({ length: send.id + 3 }, (_, index) => `w${index}`).join(" ")}`;
  const known = send.reuse ? clients.flatMap((each) => each.events)[0]?.threadId : undefined;
  one.say({
    type: "send",
    id: `m${send.id}`,
    text,
    ...(known ? { threadId: known } : {}),
    ...(send.steer ? { whileActive: "steer" } : {}),
  });
}

const knownRuns = (clients: readonly HandClient[]): readonly string[] => [
  ...new Set(clients.flatMap((each) => each.events).flatMap((event) => event.runId ?? [])),
];

/** Everyone comes back and reads until nothing runs and nothing is left to read. */
async function settle({ fixture, user, clients }: Play): Promise<void> {
  const manager = await fixture.managers.for(user);
  for (const one of clients) if (!one.connection) await one.connect();
  for (let quiet = 0; quiet < 5; ) {
    for (const one of clients) one.release();
    await turns(2);
    const rests =
      fixture.managers.counts().runs === 0 &&
      clients.every((one) => one.position?.seq === manager.position.seq);
    quiet = rests ? quiet + 1 : 0;
  }
}

/** The whole log, as a client that was never away saw it. */
async function wholeLog({ fixture, user }: Play): Promise<LogEvent[]> {
  const reader = new HandClient(fixture.managers, user);
  reader.position = { epoch: (await fixture.eventLog.head(user)).epoch, seq: 0 };
  await reader.connect({ gather: false });
  await turns(2);
  for (let last = -1; last !== reader.position.seq; await turns(3)) {
    last = reader.position.seq;
    reader.release();
  }
  reader.drop();
  return reader.events;
}

function checkRuns(events: readonly LogEvent[]): void {
  const runs = Map.groupBy(
    events.filter((event) => event.runId !== null),
    (event) => event.runId,
  );
  for (const all of runs.values()) {
    const own = all.filter((event) => event.type !== "message_accepted");
    expect(own.filter((event) => isTerminal(event.type)).map((event) => event.type)).toHaveLength(1);
    expect(isTerminal(own.at(-1)?.type ?? "text_delta")).toBe(true);
    if (own.length > 1) expect(own[0]?.type).toBe("agent_started");
    const text = own.reduce((sum, event) => (event.type === "text_delta" ? sum + event.data.text : sum), "");
    const last = own.at(-1);
    if (last?.type === "agent_completed") expect(last.data.text).toBe(text);
    if (last?.type === "agent_cancelled" || last?.type === "agent_failed")
      expect(last.data.partial?.text ?? "").toBe(text);
  }
}

function checkAnswers({ clients }: Play, events: readonly LogEvent[]): void {
  const accepted = events.filter((event) => event.type === "message_accepted");
  expect(new Set(accepted.map((event) => event.data.id)).size, "one message per client id").toBe(
    accepted.length,
  );
  for (const answer of clients.flatMap((one) => one.answers)) {
    if (answer.type !== "ack" || !answer.id.startsWith("m")) continue;
    const message = accepted.find((event) => event.data.id === answer.id);
    expect(answer).toMatchObject({
      runId: message?.runId,
      threadId: message?.threadId,
      messageId: message?.data.messageId,
    });
  }
}

/** What one client saw is the log from where it first came in: merged deltas count as what they cover. */
function checkClients({ clients }: Play, events: readonly LogEvent[]): void {
  const texts = new Map(events.map((event) => [event.seq, event]));
  for (const one of clients) {
    for (const event of one.events) {
      let text = "";
      for (let seq = event.firstSeq ?? event.seq; seq <= event.seq; seq++) {
        const original = texts.get(seq);
        expect(original?.type).toBe(event.type);
        if (original?.type === "text_delta") text += original.data.text;
      }
      if (event.type === "text_delta") expect(event.data.text).toBe(text);
      else expect(event).toEqual(texts.get(event.seq));
    }
  }
}

function answerOf(event: LogEvent): { id: string; text: string; cutOff: string | undefined }[] {
  if (event.type === "agent_completed")
    return [{ id: event.data.messageId, text: event.data.text, cutOff: undefined }];
  if (event.type !== "agent_cancelled" && event.type !== "agent_failed") return [];
  const { partial } = event.data;
  const cutOff = event.type === "agent_cancelled" ? "cancelled" : "failed";
  return partial ? [{ id: partial.messageId, text: partial.text, cutOff }] : [];
}

/** A snapshot is what the events up to its position say, no more and no less. */
function checkSnapshots({ snapshots }: Play, events: readonly LogEvent[]): void {
  for (const { id, position, messages, openRuns } of snapshots) {
    const past = events.filter((event) => event.threadId === id && event.seq <= position.seq);
    const said = past
      .filter((event) => event.type === "message_accepted")
      .map((event) => event.data.messageId);
    expect(messages.filter(({ role }) => role === "user").map((message) => message.id)).toEqual(said);
    const answers = messages.filter(({ role }) => role === "agent");
    expect(answers.map(({ id, text, cutOff }) => ({ id, text, cutOff }))).toEqual(past.flatMap(answerOf));
    const ended = new Set(past.filter((event) => isTerminal(event.type)).map((event) => event.runId));
    const open = [...new Set(past.flatMap((event) => event.runId ?? []))].filter((run) => !ended.has(run));
    expect(openRuns.map((run) => run.id).sort()).toEqual(open.sort());
    for (const run of openRuns) {
      const deltas = past.filter(
        (event) => event.type === "text_delta" && event.runId === run.id,
      ) as LogEvent<"text_delta">[];
      expect(run.text).toBe(deltas.map((event) => event.data.text).join(""));
    }
  }
}

describe("connections and runs", () => {
  it("RS1, RS2, RS5, EV2: whatever order they come in, nothing is lost, doubled or out of order, each id has one answer, and snapshots are true at their position", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60, size: "max" }), async (steps) => {
        const played = await play(steps);
        const events = await wholeLog(played);
        checkRuns(events);
        checkAnswers(played, events);
        checkClients(played, events);
        checkSnapshots(played, events);
      }),
      { numRuns: 400 },
    );
  });
});
