/** Opening the file: who may, what is found, and what is said when it cannot be. */
import { fork } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import type { UserId } from "@trueline/kit";
import { openSqliteStores, StoreError, type StoreErrorCode } from "@trueline/stores";
import Database from "better-sqlite3";
import { describe, expect, it } from "vitest";
import { copyAsAfterKill, smallDisk, temporaryDirectory } from "./directory.ts";

const ada = "usr_ada" as UserId;
const record = { type: "text_delta", body: "x".repeat(2_000) } as const;

describe("a file that cannot be used", () => {
  it("MG4: garbage is named as such, with what to do", async () => {
    const directory = temporaryDirectory();
    writeFileSync(join(directory, "trueline.db"), "this is no database".repeat(1_000));
    const error = await refusal(directory, "corrupt");
    expect(error.message).toContain(join(directory, "trueline.db"));
    expect(error.message).toContain("put a backup in its place");
  });

  it("MG4: a truncated file is corrupt", async () => {
    const directory = await filledDirectory();
    const file = join(directory, "trueline.db");
    truncateSync(file, readFileSync(file).length / 2);
    await refusal(directory, "corrupt");
  });

  it("MG4: a damaged page is found in every table and index", async () => {
    const directory = await filledDirectory();
    const file = join(directory, "trueline.db");
    const whole = readFileSync(file);
    for (const page of rootPages(file)) {
      writeFileSync(file, whole);
      overwrite(file, (page - 1) * 4_096, Buffer.alloc(16, 0xa5));
      await refusal(directory, "corrupt");
    }
    writeFileSync(file, whole);
    await (await openSqliteStores({ directory })).close();
  });

  it("MG4: the database of another program is left alone", async () => {
    const directory = temporaryDirectory();
    const file = join(directory, "trueline.db");
    new Database(file).exec("CREATE TABLE cookies (id)").close();
    const before = readFileSync(file);
    await refusal(directory, "foreign");
    expect(readFileSync(file)).toEqual(before);
  });

  it("MG4: the database of a newer version is left alone", async () => {
    const directory = await filledDirectory();
    const handle = new Database(join(directory, "trueline.db"));
    handle.exec("INSERT INTO migrations VALUES ('records-99', 0)");
    handle.close();
    const error = await refusal(directory, "newer_schema");
    expect(error.message).toContain("records-99");
  });

  it("MG4: a directory that may not be written says so", async () => {
    const directory = temporaryDirectory();
    const open = () => openSqliteStores({ directory: join(directory, "data") });
    const error = await asNobody(directory, () => open().catch((reason: unknown) => reason));
    expect(error).toMatchObject({ name: "StoreError", code: "no_permission" });
    expect(String(error)).toContain("right to read and write");
  });

  it("MG4: a full disk says so, and an opening with room works", async (context) => {
    const directory = smallDisk(64 * 1024);
    if (directory === undefined) return context.skip("no disk can be mounted here");
    writeFileSync(join(directory, "ballast"), Buffer.alloc(56 * 1024));
    await refusal(directory, "disk_full");
  });
});

describe("one process at a time", () => {
  it("RS6: a second opening is refused with the process that has it, and works once that is closed", async () => {
    const directory = temporaryDirectory();
    const stores = await openSqliteStores({ directory });
    const error = await refusal(directory, "in_use");
    expect(error.message).toMatch(new RegExp(`${directory}: in use by process ${process.pid} since 20..-`));
    await stores.close();
    expect(existsSync(join(directory, "trueline.owner.json"))).toBe(false);
    await (await openSqliteStores({ directory })).close();
  });

  it("RS6: another process is named; once it is killed its directory is free at once", async () => {
    const directory = temporaryDirectory();
    const child = fork(join(import.meta.dirname, "appending-process.ts"), [directory]);
    await once(child, "message");
    const error = await refusal(directory, "in_use");
    expect(error.message).toContain(`process ${child.pid} since`);
    child.kill("SIGKILL");
    await once(child, "exit");
    await (await openSqliteStores({ directory })).close();
  });

  it("MG4: an opening that failed keeps nothing locked", async () => {
    const directory = temporaryDirectory();
    writeFileSync(join(directory, "trueline.db"), "garbage".repeat(1_000));
    await refusal(directory, "corrupt");
    writeFileSync(join(directory, "trueline.db"), "");
    await (await openSqliteStores({ directory })).close();
  });
});

describe("epoch", () => {
  it("RS2: another database has another epoch", async () => {
    expect(await epochIn(temporaryDirectory())).not.toBe(await epochIn(temporaryDirectory()));
  });

  it("RS4: the death of the process keeps the epoch: nothing was lost", async () => {
    const { epoch, killed } = await killedStore("normal");
    expect(await epochIn(killed, "boot 1")).toBe(epoch);
  });

  it("RS4: the death of the machine renews it where commits may be lost, and once only", async () => {
    const { epoch, killed } = await killedStore("normal");
    const renewed = await epochIn(killed, "boot 2");
    expect(renewed).not.toBe(epoch);
    expect(await epochIn(killed, "boot 3")).toBe(renewed);
  });

  it("RS6: with synchronous = full the death of the machine keeps it", async () => {
    const { epoch, killed } = await killedStore("full");
    expect(await epochIn(killed, "boot 2")).toBe(epoch);
  });

  async function killedStore(synchronous: "normal" | "full") {
    const directory = temporaryDirectory();
    const stores = await openSqliteStores({ directory, synchronous, bootId: "boot 1" });
    const { epoch } = await stores.eventLog.head(ada);
    const killed = copyAsAfterKill(directory);
    await stores.close();
    return { epoch, killed };
  }

  async function epochIn(directory: string, bootId?: string): Promise<string> {
    const stores = await openSqliteStores({ directory, ...(bootId === undefined ? {} : { bootId }) });
    const { epoch } = await stores.eventLog.head(ada);
    await stores.close();
    return epoch;
  }
});

async function refusal(directory: string, code: StoreErrorCode): Promise<StoreError> {
  const error = await openSqliteStores({ directory }).then(
    (stores) => stores.close().then(() => new Error("it was opened")),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(StoreError);
  expect(error).toMatchObject({ code });
  return error as StoreError;
}

async function filledDirectory(): Promise<string> {
  const directory = temporaryDirectory();
  const stores = await openSqliteStores({ directory });
  for (let append = 0; append < 20; append++) {
    await stores.eventLog.append([{ owner: ada, records: [record, record] }]);
  }
  await stores.close();
  return directory;
}

function rootPages(file: string): readonly number[] {
  const handle = new Database(file, { readonly: true });
  const pages = handle
    .prepare<[], number>("SELECT rootpage FROM sqlite_schema WHERE rootpage > 0")
    .pluck()
    .all();
  handle.close();
  return pages;
}

function overwrite(file: string, offset: number, bytes: Buffer): void {
  const descriptor = openSync(file, "r+");
  writeSync(descriptor, bytes, 0, bytes.length, offset);
  closeSync(descriptor);
}

/** The superuser may write everywhere, so the test gives that up for a moment; others lose the right to `directory`. */
async function asNobody<T>(directory: string, work: () => Promise<T>): Promise<T> {
  const isRoot = process.geteuid?.() === 0;
  chmodSync(directory, isRoot ? 0o700 : 0o500);
  if (isRoot) process.seteuid?.(65_534);
  try {
    return await work();
  } finally {
    if (isRoot) process.seteuid?.(0);
    chmodSync(directory, 0o700);
  }
}
