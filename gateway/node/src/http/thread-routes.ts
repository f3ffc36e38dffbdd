/**
 * Threads, messages, runs, agents over HTTP. Each call goes through its caller's manager, so what is another's is not even
 * looked for (IS1); what is not there and what is another's give one and the same answer (IS2).
 */
import type { RunId, ThreadId } from "@trueline/kit";
import { type AgentView, TruelineError } from "@trueline/protocol";
import type { Agent, AgentRegistry, Identity, Manager, Origin } from "@trueline/server";
import type { FastifyInstance } from "fastify";
import type { Engine } from "../engine.ts";
import { serve } from "./serve.ts";

const overHttp = (address: string): Origin => ({ connectionId: null, address });

export function registerThreadRoutes(app: FastifyInstance, engine: Engine): void {
  const managerOf = (caller: Identity): Promise<Manager> => engine.managers.for(caller.user.id);

  serve(app, engine, "listThreads", async ({ caller }) => (await managerOf(caller)).listThreads());
  serve(app, engine, "createThread", async ({ caller, body }) => {
    await engine.rates.threadOf(caller.user.id);
    const manager = await managerOf(caller);
    const { id } = await manager.createThread(body.title);
    return found(await manager.getThread(id as ThreadId));
  });
  serve(app, engine, "getThread", async ({ caller, id }) =>
    found(await (await managerOf(caller)).getThread(id as ThreadId)),
  );
  serve(app, engine, "renameThread", async ({ caller, id, body }) => {
    const manager = await managerOf(caller);
    found(await manager.renameThread(id as ThreadId, body.title));
    return found(await manager.getThread(id as ThreadId));
  });
  serve(app, engine, "deleteThread", async ({ caller, id, address }) => {
    const deleted = await (await managerOf(caller)).deleteThread(id as ThreadId, overHttp(address));
    if (!deleted) throw nothingThere();
  });

  serve(app, engine, "sendMessage", async ({ caller, id, body, address }) => {
    const thread = id === "new" ? {} : { threadId: id };
    const outcome = await (await managerOf(caller)).send({ ...body, ...thread }, overHttp(address));
    if (!outcome.ok) {
      engine.observer.sendRefused(outcome.code);
      throw new TruelineError(outcome.code, outcome.message, outcome.retryAfterMs);
    }
    const { runId, threadId, messageId } = outcome;
    return { runId, threadId, messageId };
  });

  serve(app, engine, "getRun", async ({ caller, id }) =>
    found(await (await managerOf(caller)).run(id as RunId)),
  );
  serve(app, engine, "cancelRun", async ({ caller, id, address }) => {
    const manager = await managerOf(caller);
    const outcome = await manager.cancel(id as RunId, overHttp(address));
    if (!outcome.ok) throw new TruelineError(outcome.code, outcome.message, outcome.retryAfterMs);
    return found(await manager.run(id as RunId));
  });

  serve(app, engine, "listAgents", async () => ({ agents: agentViews(engine.agents) }));
}

/** One body for everything that is not there, or not the caller's. */
const nothingThere = (): TruelineError => new TruelineError("not_found", "There is no such thing of yours.");

function found<T>(thing: T | undefined): T {
  if (thing === undefined) throw nothingThere();
  return thing;
}

function agentViews(registry: AgentRegistry): AgentView[] {
  const byDefault = registry.find();
  return registry.list().map((agent) => agentView(agent, agent === byDefault));
}

const agentView = ({ name, model, description, tools }: Agent, byDefault: boolean): AgentView => ({
  name,
  model: model.id,
  description,
  default: byDefault,
  tools: tools.map((tool) => ({ name: tool.name, description: tool.description })),
});
