/**
 * Nothing that was acknowledged is lost to `kill -9`. TRUELINE_KILLS says how often the process is killed; CI does it
 * ten times, `TRUELINE_KILLS=300 npx vitest run gateway/stores/test/kill.test.ts` is for changes of the store.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { UserId } from "@trueline/kit";
import { openSqliteStores, type SqliteStores } from "@trueline/stores";
import { expect, it } from "vitest";
import type { Acknowledged } from "./appending-process.ts";
import { temporaryDirectory } from "./directory.ts";

const kills = Number(process.env.TRUELINE_KILLS ?? 10);
const everything = { records: Number.POSITIVE_INFINITY, bytes: Number.POSITIVE_INFINITY };

it(`RS6: ${kills} times kill -9 at a random moment lose no acknowledged event, use no seq twice, leave no gap`, {
  timeout: 10_000 + kills * 3_000,
}, async () => {
  const directory = temporaryDirectory();
  const told = new Map<UserId, Map<number, string>>();
  const epochs = new Set<string>();
  for (let kill = 0; kill < kills; kill++) {
    for (const { epoch, seqs } of await runUntilKilled(directory)) {
      epochs.add(epoch);
      for (const { owner, firstSeq, bodies } of seqs) {
        const ofOwner = told.get(owner as UserId) ?? new Map<number, string>();
        told.set(owner as UserId, ofOwner);
        bodies.forEach((body, index) => {
          expect(ofOwner.has(firstSeq + index)).toBe(false);
          ofOwner.set(firstSeq + index, body);
        });
      }
    }
    const stores = await openSqliteStores({ directory });
    for (const [owner, acknowledged] of told) await compare(stores, owner, acknowledged);
    await stores.close();
  }
  expect(epochs.size).toBe(1);
  expect([...told.values()].reduce((sum, { size }) => sum + size, 0)).toBeGreaterThan(kills);
});

async function runUntilKilled(directory: string): Promise<readonly Acknowledged[]> {
  const acknowledged: Acknowledged[] = [];
  const child = fork(join(import.meta.dirname, "appending-process.ts"), [directory, "40"]);
  child.on("message", (message) => acknowledged.push(message as Acknowledged));
  await once(child, "message");
  await sleep(Math.random() * 300);
  child.kill("SIGKILL");
  await once(child, "close");
  return acknowledged;
}

/** The log may hold more than what was told: what was committed at the very moment of the kill. */
async function compare(
  { eventLog }: SqliteStores,
  owner: UserId,
  acknowledged: ReadonlyMap<number, string>,
): Promise<void> {
  const records = await eventLog.read(owner, 0, everything);
  expect(records.map(({ seq }) => seq)).toEqual(records.map((_, index) => index + 1));
  const differing = [...acknowledged].filter(([seq, body]) => records[seq - 1]?.body !== body);
  expect(differing).toEqual([]);
  expect((await eventLog.head(owner)).seq).toBe(records.length);
}
