/** Recorded facts in the embedded store: the contract suite of their port. */
import { factsSuite } from "@trueline/server/testing";
import { openSqliteStores } from "@trueline/stores";
import { temporaryDirectory } from "./directory.ts";

factsSuite("SQLite", async () => {
  const stores = await openSqliteStores({ directory: temporaryDirectory() });
  return { facts: stores.facts, close: () => stores.close() };
});
