/** The agents of a gateway: checked once, at start-up, every mistake named; unchangeable afterwards (RN1). */
import type { Agent, AgentRegistry, Tool } from "@trueline/server";
import { z } from "zod";

export interface RegistryOptions {
  /** The agent of a message that names none. Absent: the first. */
  readonly default?: string;
}

/** Lists everything that is wrong with a set of agents. */
export class RegistryError extends Error {
  override readonly name = "RegistryError";
  readonly mistakes: readonly string[];

  constructor(mistakes: readonly string[]) {
    super(`the agents cannot be registered:\n${mistakes.map((mistake) => `- ${mistake}`).join("\n")}`);
    this.mistakes = mistakes;
  }
}

/** The default agent is the first of `list()`. Throws a `RegistryError`. */
export function createRegistry(agents: readonly Agent[], options: RegistryOptions = {}): AgentRegistry {
  const mistakes = [...mistakesOfSet(agents, options), ...agents.flatMap(mistakesOfAgent)];
  const byDefault = options.default ?? agents[0]?.name;
  if (mistakes.length > 0 || byDefault === undefined) throw new RegistryError(mistakes);
  const byName = new Map(agents.map((agent) => [agent.name, agent]));
  const isDefault = (agent: Agent) => agent.name === byDefault;
  const inOrder = Object.freeze([
    ...agents.filter(isDefault),
    ...agents.filter((agent) => !isDefault(agent)),
  ]);
  return Object.freeze({ find: (name: string = byDefault) => byName.get(name), list: () => inOrder });
}

const nameForm = /^[\w.-]{1,100}$/;
/** What every provider takes. */
const toolNameForm = /^[a-zA-Z0-9_-]{1,64}$/;

function mistakesOfSet(agents: readonly Agent[], options: RegistryOptions): string[] {
  const mistakes: string[] = [];
  if (agents.length === 0) mistakes.push("no agent is given");
  for (const name of repeated(agents.map((agent) => agent.name))) {
    mistakes.push(`agent ${name}: registered twice`);
  }
  const { default: byDefault } = options;
  if (byDefault !== undefined && !agents.some((agent) => agent.name === byDefault)) {
    mistakes.push(`default: there is no agent ${byDefault}`);
  }
  return mistakes;
}

function mistakesOfAgent(agent: Agent): string[] {
  const mistakes: string[] = [];
  if (!nameForm.test(agent.name))
    mistakes.push("the name may hold letters, digits, `_`, `.` and `-`, at most 100");
  if (agent.description.trim() === "") mistakes.push("a description is missing");
  if (agent.model.id.trim() === "") mistakes.push("the model has no id");
  for (const name of repeated(agent.tools.map((tool) => tool.name)))
    mistakes.push(`tool ${name}: given twice`);
  mistakes.push(...agent.tools.flatMap(mistakesOfTool));
  return mistakes.map((mistake) => `agent ${agent.name || "(no name)"}: ${mistake}`);
}

function mistakesOfTool(tool: Tool): string[] {
  const mistakes: string[] = [];
  if (!toolNameForm.test(tool.name))
    mistakes.push("the name may hold letters, digits, `_` and `-`, at most 64");
  if (tool.description.trim() === "") mistakes.push("a description is missing");
  if (tool.timeoutMs !== undefined && !(tool.timeoutMs > 0)) mistakes.push("timeoutMs must be more than 0");
  const mistake = mistakeOfParameters(tool.parameters);
  if (mistake !== undefined) mistakes.push(mistake);
  return mistakes.map((text) => `tool ${tool.name || "(no name)"}: ${text}`);
}

/** A model must be told what arguments a tool takes, as JSON Schema, and they are always an object. */
function mistakeOfParameters(parameters: z.ZodType): string | undefined {
  try {
    const schema = z.toJSONSchema(parameters, { io: "input" });
    return schema.type === "object" ? undefined : "parameters must be an object schema";
  } catch (error) {
    return `parameters cannot be told to a model: ${error instanceof Error ? error.message : String(error)}`;
  }
}

const repeated = (names: readonly string[]): readonly string[] => [
  ...new Set(names.filter((name, index) => names.indexOf(name) !== index)),
];
