/** What is SQLite's own about the event log: its sealed index, full disks, other transactions, damage, memory. */
import { existsSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { newId, type UserId } from "@trueline/kit";
import type { EventLogStore } from "@trueline/server";
import { openSqliteStores } from "@trueline/stores";
import { describe, expect, it } from "vitest";
import { copyAsAfterKill, smallDisk, temporaryDirectory } from "./directory.ts";

const ada = "usr_ada" as UserId;
const everything = { records: Number.POSITIVE_INFINITY, bytes: Number.POSITIVE_INFINITY };
const manyUsers = Array.from({ length: 400 }, (_, index) => `usr_${index}` as UserId);
/** So many appends for `manyUsers` fill the index in memory twice and begin to seal it a third time. */
const manyAppends = 250;

describe("the sealed index", () => {
  it("RS1: what memory has let go is read as before, from every position", async () => {
    const { stores } = await storesWithMany();
    for (const owner of [manyUsers[0], manyUsers[399], manyUsers[7]] as UserId[]) {
      await expectWhole(stores.eventLog, owner);
      for (const after of [1, 99, 163, 164, 165, 249]) {
        const [next] = await stores.eventLog.read(owner, after, { records: 1, bytes: 1 });
        expect(next).toMatchObject({ owner, seq: after + 1, body: `${owner} ${after}` });
      }
    }
    await stores.close();
  });

  it("RS6: a kill in the middle of sealing leaves heads and records as they were", async () => {
    const { stores, directory } = await storesWithMany();
    // Each of these seals a few of the users, so that some are sealed when it ends and some are not.
    const { handle } = stores.database;
    const sealed = handle.prepare("SELECT count(*) FROM event_log_index").pluck();
    const isBetween = () => Number(sealed.get()) % manyUsers.length > 0;
    for (let few = 0; few < 5_000 && !isBetween(); few++) {
      await stores.eventLog.append(manyUsers.slice(0, 8).map((owner) => ({ owner, records: [delta("")] })));
    }
    expect(isBetween()).toBe(true);
    const killed = await openSqliteStores({ directory: copyAsAfterKill(directory) });
    for (const owner of manyUsers) {
      const head = await stores.eventLog.head(owner);
      expect(await killed.eventLog.head(owner)).toEqual(head);
      const seqs = (await killed.eventLog.read(owner, 0, everything)).map(({ seq }) => seq);
      expect(seqs).toEqual(Array.from({ length: head.seq }, (_, index) => index + 1));
    }
    await stores.close();
    await killed.close();
  });

  it("RS4: a kill after a trim leaves what was dropped dropped, and no seq is used again", async () => {
    const { stores, directory } = await storesWithMany();
    expect(await stores.eventLog.trim(Number.POSITIVE_INFINITY, new Map())).toBe(400 * manyAppends);
    const killed = await openSqliteStores({ directory: copyAsAfterKill(directory) });
    await stores.close();
    for (const owner of manyUsers.slice(0, 20)) {
      expect(await killed.eventLog.head(owner)).toMatchObject({
        seq: manyAppends,
        firstSeq: manyAppends + 1,
      });
    }
    expect(await killed.eventLog.append([{ owner: manyUsers[3] as UserId, records: [delta("")] }])).toEqual([
      manyAppends + 1,
    ]);
    await killed.close();
  });

  it("MG3: ten thousand users that come and go leave memory where it was", async () => {
    const stores = await openSqliteStores({ directory: temporaryDirectory() });
    await comeAndGo(stores.eventLog, "warm up");
    const before = usedHeap();
    await comeAndGo(stores.eventLog, "measured");

    expect(usedHeap() / before).toBeLessThan(1.05);
    await stores.close();
  });

  async function storesWithMany() {
    const directory = temporaryDirectory();
    const stores = await openSqliteStores({ directory });
    for (let round = 0; round < manyAppends; round++) {
      await stores.eventLog.append(
        manyUsers.map((owner) => ({ owner, records: [delta(`${owner} ${round}`)] })),
      );
    }
    return { stores, directory };
  }

  async function expectWhole(eventLog: EventLogStore, owner: UserId) {
    const bodies = (await eventLog.read(owner, 0, everything)).map(({ body }) => body);
    expect(bodies).toEqual(Array.from({ length: manyAppends }, (_, round) => `${owner} ${round}`));
  }

  async function comeAndGo(eventLog: EventLogStore, name: string) {
    for (let user = 0; user < 10_000; user += 20) {
      const owners = Array.from({ length: 20 }, (_, index) => `usr_${name}_${user + index}` as UserId);
      for (let round = 0; round < 5; round++) {
        await eventLog.append(owners.map((owner) => ({ owner, records: [delta("hello")] })));
      }
    }
  }

  function usedHeap(): number {
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    collect();
    return process.memoryUsage().heapUsed;
  }
});

describe("a full disk", () => {
  it("MG4: a database that may not grow refuses the append and changes nothing; with room it goes on", async () => {
    const directory = temporaryDirectory();
    const stores = await openSqliteStores({ directory });
    await stores.eventLog.append([{ owner: ada, records: [delta("first")] }]);
    const { handle } = stores.database;
    const pages = handle.pragma("page_count", { simple: true }) as number;
    handle.pragma(`max_page_count = ${pages + 4}`);
    const { error, appended } = await appendUntilRefused(stores.eventLog);
    expect(error).toMatchObject({ name: "StoreError", code: "disk_full" });
    expect((await stores.eventLog.head(ada)).seq).toBe(1 + appended);
    handle.pragma("max_page_count = 1000000");
    expect(await stores.eventLog.append([{ owner: ada, records: [delta("after")] }])).toEqual([2 + appended]);
    expect(await stores.eventLog.read(ada, 1 + appended, everything)).toHaveLength(1);
    await stores.close();
  });

  it("MG4: a disk without space refuses appends and records alike; freed, it takes them, and nothing is lost", async (context) => {
    const directory = smallDisk(2 * 1024 * 1024);
    if (directory === undefined) return context.skip("no disk can be mounted here");
    writeFileSync(join(directory, "ballast"), Buffer.alloc(512 * 1024));
    const stores = await openSqliteStores({ directory });
    const { error, appended } = await appendUntilRefused(stores.eventLog);
    expect(error).toMatchObject({ name: "StoreError", code: "disk_full" });
    const thread = { id: newId("thread"), title: "x".repeat(100_000), at: 1, logSeq: 0 };
    await expect(stores.records.of(ada).createThread(thread)).rejects.toMatchObject({ code: "disk_full" });
    rmSync(join(directory, "ballast"));
    await stores.records.of(ada).createThread(thread);
    expect(await stores.eventLog.append([{ owner: ada, records: [delta("after")] }])).toEqual([1 + appended]);
    const killed = await openSqliteStores({ directory: copyAsAfterKill(directory) });
    expect(await killed.eventLog.read(ada, 0, everything)).toHaveLength(1 + appended);
    expect(await killed.records.of(ada).listThreads()).toHaveLength(1);
    await killed.close();
    await stores.close();
  });

  async function appendUntilRefused(eventLog: EventLogStore) {
    for (let appended = 0; ; appended++) {
      try {
        await eventLog.append([{ owner: ada, records: [delta("x".repeat(10_000))] }]);
      } catch (error) {
        return { error, appended };
      }
    }
  }
});

describe("beside other transactions", () => {
  it("RS4: an append during a transaction that is rolled back is kept, and comes after it", async () => {
    const directory = temporaryDirectory();
    const stores = await openSqliteStores({ directory });
    const order: string[] = [];
    const rolledBack = stores.database.queries.transaction().execute(async (transaction) => {
      const thread = { owner: ada, id: "thr_gone", title: "gone", created_at: 1, updated_at: 1 };
      await transaction.insertInto("threads").values(thread).execute();
      await turn();
      order.push("rolled back");
      throw new Error("rolled back");
    });
    await turn();
    const appended = stores.eventLog.append([{ owner: ada, records: [delta("kept")] }]).then(() => {
      order.push("appended");
    });
    await expect(rolledBack).rejects.toThrow("rolled back");
    await appended;
    expect(order).toEqual(["rolled back", "appended"]);
    const killed = await openSqliteStores({ directory: copyAsAfterKill(directory) });
    expect(await killed.eventLog.read(ada, 0, everything)).toMatchObject([{ body: "kept" }]);
    expect(await killed.records.of(ada).listThreads()).toEqual([]);
    await killed.close();
    await stores.close();
  });

  it("RS4: appends and transactions in any mixture, some of them failing, are each whole", async () => {
    const stores = await openSqliteStores({ directory: temporaryDirectory() });
    const records = stores.records.of(ada);
    const work = Array.from({ length: 300 }, async (_, index) => {
      for (let pause = 0; pause < index % 7; pause++) await turn();
      if (index % 3 === 0) return stores.eventLog.append([{ owner: ada, records: [delta(`${index}`)] }]);
      const thread = { create: newId("thread"), title: "" };
      const messageId =
        index % 3 === 1 ? newId("message") : ("msg_taken" as ReturnType<typeof newId<"message">>);
      const message = {
        clientId: `${index}`,
        text: "",
        messageId,
        runId: newId("run"),
        agent: "a",
        logSeq: 0,
        at: 1,
      };
      return records.accept({ ...message, thread, run: { state: "running" } });
    });
    const settled = await Promise.allSettled(work);
    expect(settled.filter(({ status }) => status === "rejected")).toHaveLength(99);
    expect(await records.listThreads()).toHaveLength(101);
    expect(await records.listOpenRuns()).toHaveLength(101);
    const log = await stores.eventLog.read(ada, 0, everything);
    expect(log.map(({ seq }) => seq)).toEqual(Array.from({ length: 100 }, (_, index) => index + 1));
    await stores.close();
  });

  it("MG4: closing waits for what is under way, and refuses what comes later", async () => {
    const directory = temporaryDirectory();
    const stores = await openSqliteStores({ directory });
    const thread = stores.records.of(ada).createThread({ id: newId("thread"), title: "", at: 1, logSeq: 0 });
    const append = stores.eventLog.append([{ owner: ada, records: [delta("last")] }]);
    await Promise.all([thread, append, stores.close()]);
    await expect(stores.eventLog.append([{ owner: ada, records: [delta("late")] }])).rejects.toThrow();
    await stores.close();
    const again = await openSqliteStores({ directory });
    expect(await again.records.of(ada).listThreads()).toHaveLength(1);
    expect((await again.eventLog.head(ada)).seq).toBe(1);
    await again.close();
  });
});

describe("checkpoints", () => {
  it("RS6: under writing that never pauses the write-ahead log begins anew, and nothing is lost", async () => {
    const directory = temporaryDirectory();
    const stores = await openSqliteStores({ directory });
    const records = Array.from({ length: 20 }, () => delta("x".repeat(1_000)));
    const logBytes = () => statSync(join(directory, "trueline.db-wal")).size;
    let appended = 0;
    while (appended * 20_000 < 2 * logBytes() && appended < 20_000) {
      await stores.eventLog.append([{ owner: ada, records }]);
      appended += 1;
      await turn();
    }
    expect(appended * 20_000).toBeGreaterThanOrEqual(2 * logBytes());
    const killed = await openSqliteStores({ directory: copyAsAfterKill(directory) });
    expect((await killed.eventLog.head(ada)).seq).toBe(appended * 20);
    expect(await killed.eventLog.read(ada, appended * 20 - 5_000, everything)).toHaveLength(5_000);
    await killed.close();
    await stores.close();
    expect(existsSync(join(directory, "trueline.db-wal"))).toBe(false);
  });
});

it("IS3: a slice that is not where the index says is reported as damage, not delivered", async () => {
  const stores = await openSqliteStores({ directory: temporaryDirectory() });
  await stores.eventLog.append([{ owner: ada, records: [delta("a1")] }]);
  stores.database.handle.exec("UPDATE event_log SET body = substr(body, 3)");
  await expect(stores.eventLog.read(ada, 0, everything)).rejects.toMatchObject({ code: "corrupt" });
  await stores.close();
});

function delta(body: string) {
  return { type: "text_delta", body } as const;
}
