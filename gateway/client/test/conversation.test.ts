import type { LogEvent, ThreadResponse } from "@trueline/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type ConversationAction,
  emptyConversation,
  reduce,
  threadsByRecency,
} from "../src/conversation/reduce.ts";
import type { ConversationState } from "../src/conversation/types.ts";
import { logs } from "./arbitrary-log.ts";
import { merged, UserModel } from "./model.ts";

/** The log up to `seq` replayed into a model of its own: what its snapshot was at that time. */
function modelAt(model: UserModel, seq: number): UserModel {
  const past = new UserModel();
  for (const { type, threadId, runId, data } of model.events.slice(0, seq)) {
    past.append({ type, threadId, runId, data } as Parameters<UserModel["append"]>[0]);
  }
  return past;
}

const play = (state: ConversationState, actions: readonly ConversationAction[]): ConversationState =>
  actions.reduce(reduce, state);
const eventsOf = (events: readonly LogEvent[]): ConversationAction[] =>
  events.map((event) => ({ type: "event", event }));

/** What a snapshot of the server shows; how ended runs went is known only to who saw it. */
function shownOf(state: ConversationState) {
  return {
    list: state.list && threadsByRecency(state.list),
    open: [...state.open.values()]
      .filter(({ sync }) => sync.state !== "deleted")
      .map(({ id, sync, content }) => ({
        id,
        sync: sync.state,
        thread: content?.thread,
        messages: content?.messages,
        runs: content?.runs
          .filter((run) => run.state === "queued" || run.state === "running")
          .map(({ id, messageId, state, text, step, toolCalls, createdAt }) => ({
            id,
            messageId,
            state,
            text,
            step,
            toolCalls,
            createdAt,
          })),
      }))
      .sort((one, other) => (one.id < other.id ? -1 : 1)),
  };
}

/** Everything loaded from the model as it is now. */
function loaded(model: UserModel, ids: readonly string[]): ConversationState {
  const start = play(emptyConversation, [
    { type: "opened", threadId: undefined },
    ...ids.map((threadId): ConversationAction => ({ type: "opened", threadId })),
    { type: "discontinued", position: model.position },
    { type: "list", list: model.list() },
  ]);
  return play(start, snapshotsOf(model, ids));
}

const snapshotsOf = (model: UserModel, ids: readonly string[]): ConversationAction[] =>
  ids.map((threadId) => {
    const thread = model.thread(threadId);
    return thread ? { type: "thread", thread } : { type: "missing", threadId };
  });

const threadIdsOf = (model: UserModel): string[] => [
  ...new Set(model.events.map(({ threadId }) => threadId)),
];

/** As a page does: whatever is behind gets a snapshot as the server has it by then. */
function caughtUp(state: ConversationState, model: UserModel): ConversationState {
  const behind = [...state.open.values()].filter(({ sync }) => sync.state === "behind").map(({ id }) => id);
  return play(state, snapshotsOf(model, behind));
}

describe("conversation", () => {
  it("RS1: live, replayed with merged deltas, or a snapshot and the rest: the state is the same", () => {
    const property = fc.property(logs, fc.nat(), fc.array(fc.boolean()), (model, cut, joins) => {
      const at = cut % (model.events.length + 1);
      const ids = threadIdsOf(modelAt(model, at));
      const expected = shownOf(loaded(model, ids));
      const from = loaded(modelAt(model, at), ids);

      const live = play(from, eventsOf(model.after(at)));
      const replay = merged(model.after(at), (seq) => joins[seq % Math.max(joins.length, 1)] ?? true);
      const replayed = play(from, eventsOf(replay));

      expect(shownOf(live)).toEqual(expected);
      expect(shownOf(replayed)).toEqual(expected);
      expect(live).toEqual({ ...replayed, open: live.open });
    });
    fc.assert(property, { numRuns: 300 });
  });

  it("RS2: a snapshot that comes while events flow on, in the middle of a merged delta too, ends in the same state", () => {
    const property = fc.property(logs, fc.nat(), fc.nat(), fc.nat(), (model, a, b, c) => {
      // The stream was at `opened` when the thread was opened, the snapshot is of `made`, and came at `laid`.
      const [opened = 0, made = 0, laid = 0] = [a, b, c]
        .map((n) => n % (model.events.length + 1))
        .sort((x, y) => x - y);
      const ids = threadIdsOf(modelAt(model, made));
      const frames = merged(model.after(opened), () => true);
      const start = play(emptyConversation, [
        { type: "discontinued", position: { epoch: "e1", seq: opened } },
        { type: "opened", threadId: undefined },
        ...ids.map((threadId): ConversationAction => ({ type: "opened", threadId })),
      ]);
      const before = play(start, eventsOf(frames.filter(({ seq }) => seq <= laid)));
      const past = modelAt(model, made);
      const under = play(before, [{ type: "list", list: past.list() }, ...snapshotsOf(past, ids)]);
      const after = play(under, eventsOf(frames.filter(({ seq }) => seq > laid)));

      expect(shownOf(caughtUp(after, model))).toEqual(shownOf(loaded(model, ids)));
    });
    fc.assert(property, { numRuns: 300 });
  });

  it("RS1: events at or before a snapshot's position change nothing", () => {
    const property = fc.property(logs, (model) => {
      const state = loaded(model, threadIdsOf(model));
      expect(play(state, eventsOf(model.events))).toBe(state);
      expect(play(state, snapshotsOf(model, [...model.threads.keys()]))).toBe(state);
    });
    fc.assert(property, { numRuns: 100 });
  });

  it("RS2: a snapshot older than what was seen is not laid", () => {
    const model = new UserModel();
    model.append({ type: "thread_created", threadId: "t", runId: null, data: { title: "old" } });
    const old = model.thread("t") as ThreadResponse;
    model.append({ type: "thread_renamed", threadId: "t", runId: null, data: { title: "new" } });
    const opened = play(emptyConversation, [
      { type: "discontinued", position: model.position },
      { type: "opened", threadId: "t" },
      { type: "thread", thread: old },
    ]);
    expect(opened.open.get("t")).toMatchObject({ sync: { state: "behind" }, content: undefined });
    const state = play(opened, snapshotsOf(model, ["t"]));
    expect(state.open.get("t")?.content?.thread.title).toBe("new");
  });

  it("EV3: a gap in what it is fed makes it ask for snapshots, and is not shown as whole", () => {
    const model = new UserModel();
    model.append({ type: "thread_created", threadId: "t", runId: null, data: { title: "one" } });
    const state = loaded(model, ["t"]);
    model.append({ type: "thread_renamed", threadId: "t", runId: null, data: { title: "two" } });
    model.append({ type: "thread_renamed", threadId: "t", runId: null, data: { title: "three" } });
    const gapped = play(state, eventsOf(model.after(2)));
    expect(gapped.open.get("t")?.sync.state).toBe("behind");
    expect(gapped.open.get("t")?.content?.thread.title).toBe("one");
    const whole = play(gapped, [...snapshotsOf(model, ["t"]), { type: "list", list: model.list() }]);
    expect(shownOf(whole)).toEqual(shownOf(loaded(model, ["t"])));
  });

  it("UI1: unchanged messages, runs and threads stay the same objects", () => {
    const model = new UserModel();
    for (const threadId of ["t", "u"]) {
      model.append({ type: "thread_created", threadId, runId: null, data: { title: threadId } });
      const data = {
        id: `c${threadId}`,
        messageId: `m${threadId}`,
        text: "x",
        disposition: "started",
      } as const;
      model.append({ type: "message_accepted", threadId, runId: `r${threadId}`, data });
    }
    const before = loaded(model, ["t", "u"]);
    model.append({ type: "text_delta", threadId: "t", runId: "rt", data: { text: "x" } });
    const after = play(before, eventsOf(model.after(4)));
    expect(after.open.get("u")).toBe(before.open.get("u"));
    expect(after.list).toBe(before.list);
    expect(after.open.get("t")?.content?.messages).toBe(before.open.get("t")?.content?.messages);
    expect(after.open.get("t")?.content?.runs[0]?.text).toBe("x");
  });
});
