/** A node with the runs of one user over the real log, and what a test asks of it. */
import { type Clock, systemClock, type UserId } from "@trueline/kit";
import { isTerminal, type LogEvent } from "@trueline/protocol";
import type {
  Agent,
  AgentRegistry,
  EventLogStore,
  Model,
  Records,
  SendOutcome,
  Tool,
} from "@trueline/server";
import { createMemoryEventLogStore, createMemoryRecords } from "@trueline/server/testing";
import { z } from "zod";
import { type Limits, limitsSchema } from "../../src/limits.ts";
import { Committer } from "../../src/log/committer.ts";
import { TailBudget } from "../../src/log/tail.ts";
import { UserLog } from "../../src/log/user-log.ts";
import { type Observer, silentObserver } from "../../src/ports/observer.ts";
import { createRuns } from "../../src/runs/create-runs.ts";

export const user = "usr_ada" as UserId;
export const here = { connectionId: "con_here" };

export interface NodeOptions {
  readonly store?: EventLogStore;
  readonly records?: Records;
  readonly agents?: AgentRegistry;
  readonly model?: Model;
  readonly tools?: readonly Tool[];
  readonly limits?: Partial<Limits>;
  readonly observer?: Partial<Observer>;
  readonly clock?: Clock;
}

export function agentsOf(...agents: readonly Agent[]): AgentRegistry {
  return {
    find: (name) => (name === undefined ? agents[0] : agents.find((agent) => agent.name === name)),
    list: () => agents,
  };
}

export const silentModel: Model = {
  id: "test",
  step: async function* () {
    yield { type: "end", usage: { inputTokens: 0, outputTokens: 0 } };
  },
};

export const agentOf = (model: Model, tools: readonly Tool[] = [], name = "helper"): Agent => ({
  name,
  description: "helps",
  instructions: "help",
  model,
  tools,
});

/** A tool with one text argument. */
export function toolOf(
  name: string,
  execute: (text: string, context: Parameters<Tool["execute"]>[1]) => Promise<string>,
  more: Partial<Tool> = {},
): Tool {
  const parameters = z.strictObject({ text: z.string(), password: z.string().optional() });
  return {
    name,
    description: `does ${name}`,
    parameters,
    repeatable: true,
    execute: (args: never, context) => execute((args as { text: string }).text, context),
    ...more,
  };
}

export async function openNode(options: NodeOptions = {}) {
  const store = options.store ?? createMemoryEventLogStore();
  const records = options.records ?? createMemoryRecords();
  const limits = limitsSchema.parse({ gatherMs: 0, ...options.limits });
  const clock = options.clock ?? systemClock;
  const observer = silentObserver(options.observer);
  const log = new UserLog(user, await store.head(user), {
    store,
    committer: new Committer({ store, gatherMs: limits.gatherMs, clock, observer }),
    tailEvents: limits.tailEvents,
    tailBudget: new TailBudget(1_000_000),
    gatherMs: limits.gatherMs,
    clock,
    observer,
  });
  const own = records.of(user);
  const agents = options.agents ?? agentsOf(agentOf(options.model ?? silentModel, options.tools));
  let idle = (): void => undefined;
  const runs = createRuns({
    user,
    log,
    records: own,
    agents,
    limits,
    clock,
    observer,
    onIdle: () => idle(),
    onCancelled: () => undefined,
  });
  return {
    store,
    records,
    own,
    log,
    runs,
    send: (text: string, more: Partial<Parameters<typeof runs.send>[0]> = {}) =>
      runs.send({ id: `id of ${text}`, text, ...more }, here),
    events: () => readEvents(store),
    /** Resolves at the first event of that type (of that run). */
    seen: (type: LogEvent["type"], runId?: string) => seen(log, type, runId),
    whenIdle: async () => {
      while (runs.active > 0) await new Promise<void>((resolve) => (idle = resolve));
    },
    takeOverAll: async () => {
      for (const { run } of await records.listAllOpenRuns()) await runs.takeOver(run);
    },
  };
}
export type TestNode = Awaited<ReturnType<typeof openNode>>;

export async function readEvents(store: EventLogStore): Promise<LogEvent[]> {
  const stored = await store.read(user, 0, { records: 1_000_000, bytes: 1_000_000_000 });
  return stored.map(
    ({ type, seq, body }) => JSON.parse(`{"type":"${type}","seq":${seq},${body}`) as LogEvent,
  );
}

async function seen(log: UserLog, type: LogEvent["type"], runId?: string): Promise<LogEvent> {
  let after = 0;
  for (;;) {
    for await (const event of log.readFrom(after)) {
      after = event.seq;
      if (event.type === type && (runId === undefined || event.runId === runId)) return event;
    }
    if (log.head > after) continue;
    await new Promise<void>((resolve) => {
      const listener = {
        logOnGrowth: () => {
          log.unlisten(listener);
          resolve();
        },
      };
      log.listen(listener);
    });
  }
}

export function accepted(outcome: SendOutcome): Extract<SendOutcome, { ok: true }> {
  if (!outcome.ok) throw new Error(`refused: ${outcome.code}: ${outcome.message}`);
  return outcome;
}

export const typesOf = (events: readonly LogEvent[], runId: string): string[] =>
  events.filter((event) => event.runId === runId).map((event) => event.type);

export const textOf = (events: readonly LogEvent[], runId: string): string =>
  events
    .flatMap((event) => (event.type === "text_delta" && event.runId === runId ? [event.data.text] : []))
    .join("");

/** What EV2 and EV3 say, checked on a whole log without the engine's own code. Gives what is wrong. */
export function violations(events: readonly LogEvent[]): string[] {
  const wrong: string[] = [];
  events.forEach((event, index) => {
    if (event.seq !== index + 1) wrong.push(`seq ${event.seq} at place ${index + 1}`);
  });
  const ids = new Set(events.flatMap((event) => (event.runId === null ? [] : [event.runId as string])));
  for (const id of ids) wrong.push(...violationsOfRun(events.filter((event) => event.runId === id)));
  const created = events.flatMap((event) => (event.type === "thread_created" ? [event.threadId] : []));
  if (new Set(created).size < created.length) wrong.push("a thread created twice");
  return wrong;
}

function violationsOfRun(events: readonly LogEvent[]): string[] {
  const wrong: string[] = [];
  const open = new Set<string>();
  const called = new Set<string>();
  const messages = new Set<string>();
  const body = events.filter((event) => event.type !== "message_accepted");
  body.forEach((event, index) => {
    if ((event.type === "agent_started") !== (index === 0)) wrong.push(`${event.type} at place ${index}`);
    if (isTerminal(event.type) !== (index === body.length - 1))
      wrong.push(`${event.type} is not last, or no end is`);
    if (event.type === "text_delta" && event.data.text === "") wrong.push("empty delta");
    if (event.type === "tool_executing") {
      if (called.has(event.data.callId)) wrong.push(`${event.data.callId} executing twice`);
      called.add(event.data.callId);
      open.add(event.data.callId);
    }
    if (event.type === "tool_completed" && !open.delete(event.data.callId))
      wrong.push("completed without executing");
    const isCutOff = event.type === "agent_failed" || event.type === "agent_cancelled";
    if (isCutOff && (event.data.partial?.text ?? "") !== textOf(events, event.runId)) {
      wrong.push("what stays of the answer is not the text shown");
    }
    if (event.type === "agent_completed" && event.data.text !== textOf(events, event.runId)) {
      wrong.push("the final text is not the text shown");
    }
  });
  if (open.size > 0) wrong.push("a call is left open");
  for (const event of events) {
    if (event.type !== "message_accepted") continue;
    if (messages.has(event.data.messageId)) wrong.push("a message accepted twice");
    messages.add(event.data.messageId);
  }
  if (events[0]?.type !== "message_accepted") wrong.push(`${events[0]?.type} before the message`);
  if (events.at(-1)?.type === "message_accepted") wrong.push("a message after the end");
  return wrong;
}
