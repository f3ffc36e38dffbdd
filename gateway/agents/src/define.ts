/** How a team writes an agent and a tool (RN1). Types only meet here; what is wrong is found by the registry, all at once. */
import type { Agent, Model, Tool, ToolContext } from "@trueline/server";
import type { z } from "zod";

export interface ToolDefinition<Parameters extends z.ZodType> {
  /** Letters, digits, `_` and `-`; at most 64. What the model calls it by. */
  readonly name: string;
  /** What it is for: told to the model, and shown to the user as the purpose of a call. */
  readonly description: string;
  /** An object schema. Each call is checked against it before it runs. */
  readonly parameters: Parameters;
  /** Milliseconds; absent: the gateway's limit `toolTimeoutMs`. */
  readonly timeoutMs?: number;
  /**
   * Whether running it twice for one call does no harm. Default false: after a crash in the middle of a call it is not
   * run again, and the model is told so.
   */
  readonly repeatable?: boolean;
  /** Arguments that are never shown or logged, beside those whose name alone says so (`password`, `apiKey`, `token` …). */
  readonly secretArguments?: readonly string[];
  /** The text goes to the model whole. What it throws goes to the model as the failure of the call; the run goes on. */
  execute(args: z.output<Parameters>, context: ToolContext): Promise<string> | string;
}

export function defineTool<Parameters extends z.ZodType>(definition: ToolDefinition<Parameters>): Tool {
  const { name, description, parameters, timeoutMs, repeatable = false, secretArguments } = definition;
  return Object.freeze({
    name,
    description,
    parameters,
    repeatable,
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(secretArguments === undefined ? {} : { secretArguments }),
    // The engine calls it with what `parameters` made of the model's arguments.
    execute: async (args: never, context: ToolContext) => definition.execute(args, context),
  });
}

export interface AgentDefinition {
  /** Unique; what `send.agent` names. */
  readonly name: string;
  /** What it will do, for a person. */
  readonly description: string;
  /** The system prompt. */
  readonly instructions: string;
  readonly model: Model;
  readonly tools?: readonly Tool[];
}

export function defineAgent(definition: AgentDefinition): Agent {
  const { name, description, instructions, model, tools = [] } = definition;
  return Object.freeze({ name, description, instructions, model, tools: Object.freeze([...tools]) });
}
