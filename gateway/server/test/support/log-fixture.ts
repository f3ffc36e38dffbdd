/** A user's log over a store in memory, as a manager would make it. */
import { newId, systemClock, type UserId } from "@trueline/kit";
import { Committer } from "../../src/log/committer.ts";
import type { EventDraft } from "../../src/log/event-log.ts";
import { TailBudget } from "../../src/log/tail.ts";
import { UserLog } from "../../src/log/user-log.ts";
import { type Observer, silentObserver } from "../../src/ports/observer.ts";
import { createMemoryEventLogStore, type MemoryEventLogStore } from "../../src/testing/index.ts";

export const thread = newId("thread");
export const run = newId("run");

export interface LogFixture {
  readonly store: MemoryEventLogStore;
  readonly committer: Committer;
  readonly budget: TailBudget;
  open(owner: UserId): Promise<UserLog>;
}

export function logFixture(
  options: {
    gatherMs?: number;
    tailEvents?: number;
    tailCharacters?: number;
    observer?: Partial<Observer>;
  } = {},
): LogFixture {
  const { gatherMs = 0, tailEvents = 8, tailCharacters = 1_000_000 } = options;
  const store = createMemoryEventLogStore();
  const observer = silentObserver(options.observer);
  const committer = new Committer({ store, gatherMs, clock: systemClock, observer });
  const budget = new TailBudget(tailCharacters);
  return {
    store,
    committer,
    budget,
    async open(owner) {
      const head = await store.head(owner);
      return new UserLog(owner, head, {
        store,
        committer,
        tailEvents,
        tailBudget: budget,
        gatherMs,
        clock: systemClock,
        observer,
      });
    },
  };
}

export const delta = (text: string, runId = run): EventDraft => ({
  type: "text_delta",
  threadId: thread,
  runId,
  data: { text },
});

export const thinking = (step: number): EventDraft => ({
  type: "agent_thinking",
  threadId: thread,
  runId: run,
  data: { step, text: "" },
});

/** Lets what is due in this turn of the event loop happen: commits, reads of the store, the yields between chunks. */
export async function turns(count = 1): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
}
