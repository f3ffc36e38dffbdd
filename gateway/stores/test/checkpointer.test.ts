import { mkdirSync, renameSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import type { UserId } from "@trueline/kit";
import { openSqliteStores } from "@trueline/stores";
import { expect, it } from "vitest";
import { temporaryDirectory } from "./directory.ts";

const ada = "usr_ada" as UserId;

it("MG4: a checkpoint thread that fails is told, and the writing connection checkpoints until it works again", async () => {
  const directory = temporaryDirectory();
  const failures = Promise.withResolvers<unknown>();
  const stores = await openSqliteStores({ directory, onCheckpointFailure: failures.resolve });
  const { handle } = stores.database;
  const pages = () => handle.pragma("wal_autocheckpoint", { simple: true });
  // Enough for a checkpoint to be due.
  const write = async () => {
    for (let count = 0; count < 10; count++)
      await stores.eventLog.append([
        { owner: ada, records: [{ type: "text_delta", body: "x".repeat(500_000) }] },
      ]);
  };
  const usual = pages();

  // Where the thread looks for the file there is none that it can open; the writer has it open.
  const [file, aside] = [join(directory, "trueline.db"), join(directory, "aside.db")];
  renameSync(file, aside);
  mkdirSync(file);
  await write();
  expect(await failures.promise).toMatchObject({ code: "SQLITE_CANTOPEN" });
  expect(pages()).toBe(1_000);

  rmdirSync(file);
  renameSync(aside, file);
  await write();
  await expect.poll(pages).toBe(usual);
  expect((await stores.eventLog.head(ada)).seq).toBe(20);
  await stores.close();
});
