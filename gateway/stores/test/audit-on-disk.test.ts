/** The audit log on disk: what was acknowledged survives SIGKILL, and what is changed behind its back is named. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { verifyAudit } from "@trueline/server";
import { chainAfter } from "@trueline/server/testing";
import { openSqliteStores, type SqliteStores } from "@trueline/stores";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

let directory: string;
let stores: SqliteStores | undefined;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "trueline-audit-"));
});
afterEach(async () => {
  await stores?.close();
  stores = undefined;
  rmSync(directory, { recursive: true });
});

const open = async (): Promise<SqliteStores> => {
  stores = await openSqliteStores({ directory });
  return stores;
};

const writer = fileURLToPath(new URL("audit-writer.ts", import.meta.url));
const startWriter = (): ChildProcess =>
  spawn(process.execPath, ["--conditions=trueline-source", writer, directory], {
    stdio: ["ignore", "pipe", "inherit"],
  });

/** Kills it when it has acknowledged `count`, in the middle of whatever it does, and gives the last it acknowledged. */
async function killAfter(child: ChildProcess, count: number): Promise<number> {
  if (!child.stdout) throw new Error("the writer has no output");
  let last = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    last = Number(line);
    if (last === count) child.kill("SIGKILL");
  }
  if (child.signalCode === null) await once(child, "exit");
  return last;
}

describe("the audit log on disk", () => {
  it("IS5: an entry that was acknowledged survives kill -9, and the chain goes on from it", async () => {
    let expected = 0;
    for (const count of [1, 40, 170]) {
      const acknowledged = await killAfter(startWriter(), count);
      const { audit, close } = await openSqliteStores({ directory });
      const verdict = await verifyAudit(audit);
      await close();
      expect(verdict).toMatchObject({ ok: true });
      const kept = verdict.ok ? verdict.count : 0;
      expect(kept).toBeGreaterThanOrEqual(expected + acknowledged);
      // At most the one that was being written when it was killed.
      expect(kept).toBeLessThanOrEqual(expected + acknowledged + 1);
      expected = kept;
    }
  });

  it("IS5: entries cannot be changed or removed by a mistake", async () => {
    const { audit, database } = await open();
    await audit.append(await audit.head(), chainAfter(await audit.head(), 3));
    expect(() => database.handle.exec("DELETE FROM audit_entries WHERE seq = 2")).toThrow("append-only");
    expect(() => database.handle.exec("UPDATE audit_entries SET user_id = 'eve'")).toThrow("append-only");
  });

  it("IS5: whoever changes the file itself is found out, at the first entry that was touched", async () => {
    const { audit, database } = await open();
    await audit.append(await audit.head(), chainAfter(await audit.head(), 3000));
    database.handle.exec("DROP TRIGGER audit_entries_stay; DROP TRIGGER audit_entries_do_not_change");
    database.handle.exec("UPDATE audit_entries SET user_id = 'eve' WHERE seq IN (2345, 2400)");
    expect(await verifyAudit(audit)).toMatchObject({ ok: false, seq: 2345 });
    database.handle.exec("DELETE FROM audit_entries WHERE seq BETWEEN 1200 AND 1300");
    expect(await verifyAudit(audit)).toMatchObject({ ok: false, seq: 1200 });
    database.handle.exec("DELETE FROM audit_entries WHERE seq > 1100");
    expect(await verifyAudit(audit)).toMatchObject({ ok: false, seq: 1101 });
  });
});
