/**
 * Snapshots and events to the state of a user's conversations. Pure. An event that stands in a snapshot already changes nothing;
 * what cannot be told exactly is never guessed, but marks its part as `behind`: whoever holds the state loads a snapshot.
 */
import type {
  LogEvent,
  Position,
  RunView,
  ThreadListResponse,
  ThreadResponse,
  ThreadView,
} from "@trueline/protocol/wire";
import { applyToContent, contentOf, withEndedRun } from "./content.ts";
import type { ConversationState, Sync, ThreadConversation, ThreadList } from "./types.ts";

export const emptyConversation: ConversationState = {
  position: undefined,
  list: undefined,
  open: new Map(),
};

export type ConversationAction =
  | { readonly type: "event"; readonly event: LogEvent }
  /** Events come right after `position`, whatever was before: at the first connection and after a `reset`. */
  | { readonly type: "discontinued"; readonly position: Position }
  /** A thread, with its messages and runs, or the list of threads is to be followed. It is `behind` until its snapshot comes. */
  | { readonly type: "opened"; readonly threadId: string | undefined }
  | { readonly type: "closed"; readonly threadId: string | undefined }
  | { readonly type: "list"; readonly list: ThreadListResponse }
  | { readonly type: "thread"; readonly thread: ThreadResponse }
  /** A run that ended before the snapshot, of which the snapshot shows no answer: it failed or was cancelled. */
  | { readonly type: "run"; readonly run: RunView }
  /** There is no such thread (any more). */
  | { readonly type: "missing"; readonly threadId: string }
  /** Somebody else is signed in, or nobody. */
  | { readonly type: "forgotten" };

export function reduce(state: ConversationState, action: ConversationAction): ConversationState {
  switch (action.type) {
    case "event":
      return applyEvent(state, action.event);
    case "discontinued":
      return discontinue(state, action.position);
    case "opened":
      return open(state, action.threadId);
    case "closed":
      return action.threadId === undefined
        ? { ...state, list: undefined }
        : withoutThread(state, action.threadId);
    case "list":
      return layList(state, action.list);
    case "thread":
      return layThread(state, action.thread);
    case "run":
      return layRun(state, action.run);
    case "missing":
      return withThread(state, { id: action.threadId, sync: { state: "deleted" }, content: undefined });
    case "forgotten":
      return emptyConversation;
  }
}

/** Newest first. */
export function threadsByRecency(list: ThreadList): readonly ThreadView[] {
  return [...list.threads.values()].sort(
    (one, other) => compare(other.updatedAt, one.updatedAt) || compare(other.id, one.id),
  );
}

const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);

function applyEvent(state: ConversationState, event: LogEvent): ConversationState {
  const { position, list } = state;
  if (!position || event.seq <= position.seq) return state;
  const { epoch } = position;
  const first = event.firstSeq ?? event.seq;
  // A client gives no gap on; whoever feeds this otherwise is told by `behind`, not by a wrong state.
  if (first > position.seq + 1) return applyEvent(discontinue(state, { epoch, seq: first - 1 }), event);
  const moved = {
    ...state,
    position: { epoch, seq: event.seq },
    list: list && listOnEvent(list, event, epoch),
  };
  const thread = state.open.get(event.threadId);
  const next = thread && threadOnEvent(thread, event, epoch);
  return next && next !== thread ? withThread(moved, next) : moved;
}

/** What comes next for a part of the state: it is kept until a snapshot is there, applied, or known already. */
function place(sync: Sync, event: LogEvent, epoch: string): "hold" | "apply" | "known" | "cut" {
  if (sync.state === "behind") return "hold";
  // The snapshot is of another life of the log; the `reset` that tells of it is on its way.
  if (sync.at.epoch !== epoch || event.seq <= sync.at.seq) return "known";
  return (event.firstSeq ?? event.seq) > sync.at.seq ? "apply" : "cut";
}

function listOnEvent(list: ThreadList, event: LogEvent, epoch: string): ThreadList {
  if (!concernsList(event)) return list;
  switch (place(list.sync, event, epoch)) {
    case "known":
    case "cut":
      return list;
    case "hold":
      return { ...list, sync: held(list.sync, event) };
    case "apply":
      return {
        ...list,
        sync: { state: "current", at: { epoch, seq: event.seq } },
        threads: applyToList(list.threads, event),
      };
  }
}

const concernsList = ({ type }: LogEvent): boolean =>
  type === "message_accepted" ||
  type === "thread_created" ||
  type === "thread_renamed" ||
  type === "thread_deleted";

function applyToList(threads: ThreadList["threads"], event: LogEvent): ThreadList["threads"] {
  const next = new Map(threads);
  const thread = threads.get(event.threadId);
  if (event.type === "thread_deleted") next.delete(event.threadId);
  else if (event.type === "thread_created") {
    next.set(event.threadId, {
      id: event.threadId,
      title: event.data.title,
      createdAt: event.at,
      updatedAt: event.at,
    });
  } else if (thread) next.set(event.threadId, applyToThread(thread, event));
  return next;
}

function applyToThread(thread: ThreadView, event: LogEvent): ThreadView {
  if (event.type === "thread_renamed") return { ...thread, title: event.data.title, updatedAt: event.at };
  return event.type === "message_accepted" ? { ...thread, updatedAt: event.at } : thread;
}

function threadOnEvent(thread: ThreadConversation, event: LogEvent, epoch: string): ThreadConversation {
  const { sync, content } = thread;
  if (sync.state === "deleted") return thread;
  if (event.type === "thread_deleted") return { ...thread, sync: { state: "deleted" } };
  switch (place(sync, event, epoch)) {
    case "known":
      return thread;
    case "hold":
      return { ...thread, sync: held(sync, event) };
    case "cut":
      // A merged delta of which the snapshot holds an unknown part. The next snapshot holds all of it.
      return { ...thread, sync: { state: "behind", since: { epoch, seq: event.seq }, held: [] } };
    case "apply":
      return {
        ...thread,
        sync: { state: "current", at: { epoch, seq: event.seq } },
        content:
          content && applyToContent({ ...content, thread: applyToThread(content.thread, event) }, event),
      };
  }
}

const held = (sync: Sync, event: LogEvent): Sync =>
  sync.state === "behind" ? { ...sync, held: [...sync.held, event] } : sync;

function discontinue(state: ConversationState, position: Position): ConversationState {
  const resync = (sync: Sync): Sync =>
    isWholeAt(sync, position) ? sync : { state: "behind", since: position, held: [] };
  const open = [...state.open].map(([id, thread]): [string, ThreadConversation] => [
    id,
    thread.sync.state === "deleted" ? thread : { ...thread, sync: resync(thread.sync) },
  ]);
  const { list } = state;
  return { position, list: list && { ...list, sync: resync(list.sync) }, open: new Map(open) };
}

const isWholeAt = (sync: Sync, position: Position): boolean =>
  sync.state === "current" && sync.at.epoch === position.epoch && sync.at.seq >= position.seq;

function open(state: ConversationState, id: string | undefined): ConversationState {
  const sync = { state: "behind", since: state.position, held: [] } as const;
  if (id === undefined)
    return state.list ? state : { ...state, list: { sync, loaded: false, threads: new Map() } };
  return state.open.has(id) ? state : withThread(state, { id, sync, content: undefined });
}

/** Whether a snapshot can be laid under what was held: nothing is missing between the two. */
function covers(sync: Sync, at: Position): boolean {
  if (sync.state === "current") return sync.at.epoch === at.epoch && at.seq > sync.at.seq;
  return sync.since === undefined || (sync.since.epoch === at.epoch && at.seq >= sync.since.seq);
}

function layList(state: ConversationState, { threads, position }: ThreadListResponse): ConversationState {
  if (!state.list || !covers(state.list.sync, position)) return state;
  const list: ThreadList = {
    sync: { state: "current", at: position },
    loaded: true,
    threads: new Map(threads.map((thread) => [thread.id, thread])),
  };
  return {
    ...state,
    list: heldOf(state.list.sync).reduce((laid, event) => listOnEvent(laid, event, position.epoch), list),
  };
}

function layThread(state: ConversationState, snapshot: ThreadResponse): ConversationState {
  const before = state.open.get(snapshot.id);
  if (!before || before.sync.state === "deleted" || !covers(before.sync, snapshot.position)) return state;
  const { epoch } = snapshot.position;
  const laid: ThreadConversation = {
    id: snapshot.id,
    sync: { state: "current", at: snapshot.position },
    content: contentOf(snapshot, before.content),
  };
  return withThread(
    state,
    heldOf(before.sync).reduce((thread, event) => threadOnEvent(thread, event, epoch), laid),
  );
}

function layRun(state: ConversationState, run: RunView): ConversationState {
  const thread = state.open.get(run.threadId);
  if (!thread?.content) return state;
  return withThread(state, { ...thread, content: withEndedRun(thread.content, run) });
}

const heldOf = (sync: Sync): readonly LogEvent[] => (sync.state === "behind" ? sync.held : []);

function withThread(state: ConversationState, thread: ThreadConversation): ConversationState {
  return { ...state, open: new Map(state.open).set(thread.id, thread) };
}

function withoutThread(state: ConversationState, id: string): ConversationState {
  const open = new Map(state.open);
  open.delete(id);
  return { ...state, open };
}
