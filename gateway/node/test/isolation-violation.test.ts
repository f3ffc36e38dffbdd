/** The last line of isolation: a store that hands out another's events does not get them delivered (IS3). */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { UserId } from "@trueline/kit";
import { closeCodes } from "@trueline/protocol";
import type { EventLogStore } from "@trueline/server";
import { openSqliteStores } from "@trueline/stores";
import { expect, it, onTestFinished } from "vitest";
import type { Stores } from "../src/options.ts";
import { openEvents } from "./support/event-source.ts";
import { openGateway } from "./support/gateway.ts";

/** What is read comes back as another's. */
const mixingUp = (inner: EventLogStore): EventLogStore => ({
  head: (owner) => inner.head(owner),
  append: (batch) => inner.append(batch),
  trim: (before, keepFrom) => inner.trim(before, keepFrom),
  read: async (...query) =>
    (await inner.read(...query)).map((record) => ({ ...record, owner: "usr_another" as UserId })),
});

async function brokenStores(): Promise<Stores> {
  const directory = mkdtempSync(join(tmpdir(), "trueline-mixed-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const stores = await openSqliteStores({ directory });
  return { ...stores, eventLog: mixingUp(stores.eventLog) };
}

interface Audited {
  readonly entries: readonly { action: string; user: string; detail: object }[];
}

it("IS3: an event of another owner closes the connection, is audited and counted, and not a byte of it is sent", async () => {
  const { url, call, login, connect, socket } = await openGateway({
    store: await brokenStores(),
    limits: { tailEvents: 1 },
  });
  const { accessToken: token, user } = await login();
  const first = await connect(token);
  for (const title of ["one", "two", "three"]) await call("/v1/threads", { token, body: { title } });
  const { epoch } = first.came("welcome").position;

  const tab = await socket(token);
  tab.send({ type: "hello", client: { name: "t", version: "1" }, position: { epoch, seq: 0 } });
  expect((await tab.closed).code).toBe(closeCodes.isolation_violation);
  expect(tab.frames.map(({ type }) => type)).toEqual(["welcome", "error"]);
  const events = await openEvents(url, token, `${epoch}:0`);
  await events.ended;
  expect(events.entries).toEqual([]);

  expect((await call<string>("/metrics")).body).toMatch(/^trueline_isolation_violations_total 2$/m);
  const { body } = await call<Audited>("/v1/admin/audit?action=isolation_violation", { token });
  expect(body.entries).toHaveLength(2);
  expect(body.entries[0]).toMatchObject({ user: user.id, detail: { found: "usr_another" } });
  first.send({ type: "ping", t: 1 });
  await first.next("pong");
});
