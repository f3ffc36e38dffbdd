/**
 * The state of a user's conversations as plain data, built by reduce.ts from snapshots and events. The same whether the
 * events came live, replayed with merged deltas, or after a snapshot.
 */
import type {
  LogEvent,
  MessageView,
  Position,
  RunState,
  ThreadView,
  ToolCallView,
  Usage,
} from "@trueline/protocol/wire";

/** What a run did, in the order a person saw it. Of a run that was loaded on the way: its tools, then its text so far. */
export type RunPart =
  | { readonly kind: "thinking"; readonly step: number; readonly text: string }
  | { readonly kind: "text"; readonly text: string }
  /** The call itself is in `toolCalls`. */
  | { readonly kind: "tool"; readonly callId: string };

export interface ConversationRun {
  readonly id: string;
  /** The user's message that it answers. */
  readonly messageId: string;
  readonly state: RunState;
  /** Unknown between `message_accepted` and `agent_started`. */
  readonly agent?: string;
  readonly model?: string;
  readonly createdAt: string;
  readonly endedAt?: string | undefined;
  /** The answer so far; of a completed run the whole. */
  readonly text: string;
  /** Counts from 1; 0 before the first. */
  readonly step: number;
  readonly toolCalls: readonly ToolCallView[];
  readonly parts: readonly RunPart[];
  readonly usage?: Usage | undefined;
  readonly durationMs?: number;
  /** Of a failed run. */
  readonly failure?:
    | { readonly code: string; readonly message: string; readonly retryable: boolean }
    | undefined;
  /** Of a cancelled run. */
  readonly cancelled?: { readonly by: string; readonly connectionId: string | null };
}

export interface ThreadContent {
  readonly thread: ThreadView;
  /** Oldest first. */
  readonly messages: readonly MessageView[];
  /** In the order of their messages: the open ones (running, queued) and those that were seen ending. */
  readonly runs: readonly ConversationRun[];
}

/** What waits until a snapshot that is at least as new as `since` can be laid under it. */
interface Behind {
  readonly state: "behind";
  readonly since: Position | undefined;
  readonly held: readonly LogEvent[];
}

/** How far a part of the state follows the log. */
export type Sync =
  /** A snapshot is needed. What is shown meanwhile is what was true before. */
  | Behind
  /** True at this place of the log, and whole. */
  | { readonly state: "current"; readonly at: Position };

export interface ThreadConversation {
  readonly id: string;
  readonly sync: Sync | { readonly state: "deleted" };
  /** Undefined until the first snapshot. */
  readonly content: ThreadContent | undefined;
}

export interface ThreadList {
  readonly sync: Sync;
  /** Whether a snapshot was there ever. */
  readonly loaded: boolean;
  /** Unordered; see `threadsByRecency`. */
  readonly threads: ReadonlyMap<string, ThreadView>;
}

export interface ConversationState {
  /** The last event that came; undefined before the first connection. */
  readonly position: Position | undefined;
  /** Undefined while it is not followed. */
  readonly list: ThreadList | undefined;
  /** The threads that are followed with their messages and runs. */
  readonly open: ReadonlyMap<string, ThreadConversation>;
}
