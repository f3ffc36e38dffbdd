import { newId, systemClock, type ThreadId, type UserId } from "@trueline/kit";
import type { Records, UserRecords } from "@trueline/server";
import { createMemoryEventLogStore, createMemoryRecords } from "@trueline/server/testing";
import { describe, expect, it } from "vitest";
import { limitsSchema } from "../../src/limits.ts";
import { createManagers } from "../../src/manager/managers.ts";
import { silentObserver } from "../../src/ports/observer.ts";
import { registryOf, wordAgent } from "../support/engine-fixture.ts";
import { turns } from "../support/log-fixture.ts";

const full = new Error("disk full");
const nobody = { connectionId: null };
const ada = newId("user");

/** Stores, and lives of a node over them. */
function stores(change: (own: UserRecords) => Partial<UserRecords> = () => ({})) {
  const eventLog = createMemoryEventLogStore();
  const kept = createMemoryRecords();
  const records: Records = {
    ...kept,
    of: (user: UserId) => {
      const own = kept.of(user);
      return { ...own, ...change(own) };
    },
  };
  const start = (over: Records = kept, observer = silentObserver()) =>
    createManagers({
      eventLog,
      records: over,
      agents: registryOf(wordAgent),
      limits: limitsSchema.parse({ gatherMs: 0, managerIdleMs: 0 }),
      clock: systemClock,
      observer,
      audit: { record: () => undefined },
    });
  const announced = async (user = ada) =>
    (await eventLog.read(user, 0, { records: 1_000, bytes: 1_000_000 })).map(({ type }) => type);
  return { eventLog, kept, records, start, announced };
}

describe("announcing changes of threads", () => {
  it("MG4: a change that was recorded is told as done, and announced in order once the store takes it", async () => {
    const { eventLog, kept, start, announced } = stores();
    const managers = start();
    const manager = await managers.for(ada);
    eventLog.failAppends(full);
    const { id } = await manager.createThread("one");
    expect((await manager.renameThread(id as ThreadId, "two"))?.title).toBe("two");
    expect(await manager.deleteThread(id as ThreadId, nobody)).toBe(true);
    expect(await announced()).toEqual([]);
    managers.sweep();
    expect(managers.counts().managers).toBe(1);
    eventLog.failAppends();
    while ((await kept.of(ada).listUnannounced()).length > 0) await turns(1);
    expect(await announced()).toEqual(["thread_created", "thread_renamed", "thread_deleted"]);
    await turns(5);
    managers.sweep();
    expect(managers.counts().managers).toBe(0);
  });

  it("MG4: what a crash left between a change and its event is announced when the user comes next", async () => {
    const { eventLog, start, announced } = stores();
    const first = start();
    const { id } = await (await first.for(ada)).createThread("one");
    eventLog.failAppends(full);
    expect(await (await first.for(ada)).deleteThread(id as ThreadId, nobody)).toBe(true);
    first.abandon();
    eventLog.failAppends();
    await turns(5);
    expect(await announced()).toEqual(["thread_created"]);
    const manager = await start().for(ada);
    expect(manager.position.seq).toBe(2);
    expect(await announced()).toEqual(["thread_created", "thread_deleted"]);
  });

  it("EV3: what was announced before a crash is not announced again", async () => {
    const never = Promise.withResolvers<never>().promise;
    const { kept, records, start, announced } = stores(() => ({ dropUnannounced: () => never }));
    void (await start(records).for(ada)).createThread("one");
    while ((await announced()).length === 0) await turns(1);
    const manager = await start().for(ada);
    expect(await announced()).toEqual(["thread_created"]);
    expect(await kept.of(ada).listUnannounced()).toEqual([]);
    await manager.createThread("one");
    expect(await announced()).toEqual(["thread_created", "thread_created"]);
  });

  it("MG4: a change that was not recorded is an error, and is not announced", async () => {
    const failing = { createThread: () => Promise.reject(full) };
    const { records, start, announced } = stores(() => failing);
    const manager = await start(records).for(ada);
    await expect(manager.createThread("one")).rejects.toThrow("disk full");
    expect((await manager.listThreads()).threads).toEqual([]);
    expect(await announced()).toEqual([]);
  });
});

describe("taking over", () => {
  it("RN3: a user whose log cannot be opened holds up nobody else, and is taken over when it can be", async () => {
    const { eventLog, kept, start, announced } = stores();
    const bob = newId("user");
    const first = start();
    for (const user of [ada, bob]) {
      const sent = await (await first.for(user)).send({ id: "1", text: `say ${"a ".repeat(500)}` }, nobody);
      expect(sent.ok).toBe(true);
    }
    first.abandon();
    await turns(5);
    expect(await kept.listAllOpenRuns()).toHaveLength(2);
    const { head } = eventLog;
    let gone = true;
    eventLog.head = (user) => (gone && user === ada ? Promise.reject(new Error("unreadable")) : head(user));
    const failures: object[] = [];
    const { logger } = silentObserver();
    const error = (fields: object) => void failures.push(fields);
    const managers = start(kept, silentObserver({ logger: { ...logger, error } }));
    expect(await managers.takeOver()).toBe(2);
    expect(managers.usersLeft).toBe(1);
    expect(failures[0]).toMatchObject({ user: ada });
    while ((await announced(bob)).at(-1) !== "agent_completed") await turns(1);
    expect(await announced()).not.toContain("agent_completed");
    gone = false;
    while ((await announced()).at(-1) !== "agent_completed") await turns(1);
    expect(managers.usersLeft).toBe(0);
  });
});
