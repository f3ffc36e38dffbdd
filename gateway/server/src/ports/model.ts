/** What an agent is made of (RN1), and one model call (RN2). Providers are in the agents package. */
import type { RunId, ThreadId } from "@trueline/kit";
import type { RunFailure, Usage } from "@trueline/protocol";
import type { z } from "zod";

export interface Agent {
  /** Unique in the registry; what `send.agent` names. */
  readonly name: string;
  /** What it will do, for a person. */
  readonly description: string;
  readonly instructions: string;
  readonly model: Model;
  readonly tools: readonly Tool[];
}

/** The agents of a gateway, registered once at start-up. */
export interface AgentRegistry {
  /** Undefined for an unknown name. Without a name: the default agent. */
  find(name?: string): Agent | undefined;
  list(): readonly Agent[];
}

export interface Tool {
  readonly name: string;
  readonly description: string;
  readonly parameters: z.ZodType;
  /** Milliseconds; absent: the limit `toolTimeoutMs`. */
  readonly timeoutMs?: number;
  /** Whether running it twice for one call does no harm. One that may not be repeated never runs twice (RN3). */
  readonly repeatable: boolean;
  /** Names of arguments that are never shown, beside those whose name alone says secret. */
  readonly secretArguments?: readonly string[];
  /** `args` fits `parameters`. The result is given to the model whole. A rejection is the call's failure, not the run's. */
  execute(args: never, context: ToolContext): Promise<string>;
}

export interface ToolContext {
  readonly callId: string;
  readonly runId: RunId;
  readonly threadId: ThreadId;
  /** Aborted on cancel, on the tool's timeout and on the run's. */
  readonly signal: AbortSignal;
  /** Searches the messages of the user whose run it is, and of nobody else. */
  searchMessages(
    query: string,
    limit: number,
  ): Promise<
    readonly {
      readonly threadTitle: string;
      readonly role: "user" | "agent";
      readonly text: string;
      readonly at: number;
    }[]
  >;
}

export interface ToolCall {
  readonly callId: string;
  readonly tool: string;
  /** As the model gave them: not yet checked against the tool's schema. */
  readonly arguments: unknown;
}

export type TranscriptEntry =
  | { readonly role: "user"; readonly text: string }
  | {
      readonly role: "agent";
      readonly text: string;
      readonly toolCalls: readonly ToolCall[];
      /** The step was cut off by a crash: the user has seen this text, and the model goes on right after it. */
      readonly interrupted?: true;
    }
  | {
      readonly role: "tool";
      readonly callId: string;
      readonly tool: string;
      readonly ok: boolean;
      readonly result: string;
    };

export interface ModelRequest {
  readonly instructions: string;
  /** The thread's earlier messages, then the transcript of this run. */
  readonly transcript: readonly TranscriptEntry[];
  readonly tools: readonly Tool[];
  /** Its abort reaches the provider's HTTP request. */
  readonly signal: AbortSignal;
}

export type ModelPart =
  | { readonly type: "reasoning"; readonly text: string }
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "tool_call"; readonly call: ToolCall }
  /** Last, exactly once. A step without tool calls ends the run. */
  | { readonly type: "end"; readonly usage: Usage };

export interface Model {
  /** For people and metrics: `offline`, `openai/gpt-5`. */
  readonly id: string;
  /** One model call. Throws `ModelError`. */
  step(request: ModelRequest): AsyncIterable<ModelPart>;
}

export class ModelError extends Error {
  override readonly name = "ModelError";
  readonly code: RunFailure;

  constructor(code: RunFailure, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
