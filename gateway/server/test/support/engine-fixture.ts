/** Managers over stores in memory, with an agent whose every move is written in the message it answers. */
import { systemClock } from "@trueline/kit";
import { z } from "zod";
import type { AuditFact } from "../../src/audit/audit.ts";
import { type Limits, limitsSchema } from "../../src/limits.ts";
import type { Managers } from "../../src/manager/manager.ts";
import { createManagers } from "../../src/manager/managers.ts";
import type { ManagersOptions } from "../../src/manager/options.ts";
import type { Agent, AgentRegistry, Model, ModelPart, Tool } from "../../src/ports/model.ts";
import { type Observer, silentObserver } from "../../src/ports/observer.ts";
import type { Records } from "../../src/ports/records.ts";
import {
  createMemoryEventLogStore,
  createMemoryRecords,
  type MemoryEventLogStore,
} from "../../src/testing/index.ts";

const usage = { inputTokens: 1, outputTokens: 1 };

/** Answers `say a b c` with a piece a word, one a turn of the event loop; `tool a b` calls the tool first. */
const wordModel: Model = {
  id: "words",
  async *step({ transcript, signal }): AsyncIterable<ModelPart> {
    const last = transcript.at(-1);
    const asked = transcript.findLast((entry) => entry.role === "user")?.text.split(" ") ?? [];
    if (last?.role === "user" && asked[0] === "tool") {
      yield {
        type: "tool_call",
        call: { callId: `call-${transcript.length}`, tool: "echo", arguments: { words: asked.length } },
      };
      yield { type: "end", usage };
      return;
    }
    for (const word of asked.slice(1)) {
      await new Promise((resolve) => setImmediate(resolve));
      signal.throwIfAborted();
      yield { type: "text", text: `${word} ` };
    }
    yield { type: "end", usage };
  },
};

const echo: Tool = {
  name: "echo",
  description: "Says how many words there were.",
  parameters: z.object({ words: z.number() }),
  repeatable: false,
  execute: async (args: { words: number }) => `${args.words} words`,
};

export const wordAgent: Agent = {
  name: "words",
  description: "Says the words of the message, one by one.",
  instructions: "",
  model: wordModel,
  tools: [echo],
};

export const registryOf = (...agents: Agent[]): AgentRegistry => ({
  find: (name) => (name === undefined ? agents[0] : agents.find((agent) => agent.name === name)),
  list: () => agents,
});

export interface EngineFixture {
  readonly managers: Managers;
  readonly eventLog: MemoryEventLogStore;
  readonly records: Records;
  /** What was written to the audit log. */
  readonly audited: readonly AuditFact[];
}

export function engineFixture(
  options: {
    limits?: Partial<Limits>;
    observer?: Partial<Observer>;
    agents?: AgentRegistry;
    countMessage?: ManagersOptions["countMessage"];
  } = {},
): EngineFixture {
  const eventLog = createMemoryEventLogStore();
  const records = createMemoryRecords();
  const audited: AuditFact[] = [];
  const managers = createManagers({
    eventLog,
    records,
    agents: options.agents ?? registryOf(wordAgent),
    limits: limitsSchema.parse({
      gatherMs: 0,
      messagesPerMinute: 0,
      framesPerSecond: 0,
      tailEvents: 16,
      ...options.limits,
    }),
    clock: systemClock,
    observer: silentObserver(options.observer),
    audit: { record: (fact) => void audited.push(fact) },
    ...(options.countMessage ? { countMessage: options.countMessage } : {}),
  });
  return { managers, eventLog, records, audited };
}
