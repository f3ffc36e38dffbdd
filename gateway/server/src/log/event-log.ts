/**
 * One user's event log as the engine sees it. Reached only through the user's manager (IS1). What is appended becomes
 * visible, here and on every connection, after the store has it (RS4).
 */
import type { UserId } from "@trueline/kit";
import type { EventData, EventType, LogEvent, Position, threadEventTypes } from "@trueline/protocol";

/** An event that is to be appended. The log gives it its `seq` and `at`. */
export type EventDraft = {
  [Type in EventType]: {
    readonly type: Type;
    readonly threadId: string;
    readonly runId: Type extends (typeof threadEventTypes)[number] ? null : string;
    readonly data: EventData<Type>;
  };
}[EventType];

export type AppendOutcome =
  | { readonly ok: true; readonly seq: number }
  /** The store did not take it; nobody has seen it and no seq was used. */
  | { readonly ok: false; readonly code: "store_unavailable"; readonly message: string };

export interface EventLog {
  readonly owner: UserId;
  /** The newest event that the store has. */
  readonly position: Position;
  /**
   * Appends in call order. Resolves after the commit; a `text_delta` that follows another may wait up to `gatherMs` for
   * it, everything else is committed at the end of the tick. A draft that does not fit its schema is rejected, by `post` thrown.
   */
  append(draft: EventDraft): Promise<AppendOutcome>;
  /** The same for the many that nobody waits for: `onOutcome` is called with what became of it, and may be shared. */
  post(draft: EventDraft, onOutcome: (outcome: AppendOutcome) => void): void;
  /** The events after `after`, from memory or the store, in order, up to the head. For recovery, not for delivery. */
  readFrom(after: number): AsyncIterable<LogEvent>;
}
