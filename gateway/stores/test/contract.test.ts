/** The contract suites against SQLite on a disk. */
import { eventLogStoreSuite, recordsSuite } from "@trueline/server/testing";
import { openSqliteStores } from "@trueline/stores";
import { temporaryDirectory } from "./directory.ts";

eventLogStoreSuite("SQLite", async (clock) => {
  const directory = temporaryDirectory();
  let stores = await openSqliteStores({ directory, clock });
  return {
    store: stores.eventLog,
    async reopen() {
      await stores.close();
      stores = await openSqliteStores({ directory, clock });
      return stores.eventLog;
    },
    close: () => stores.close(),
  };
});

recordsSuite("SQLite", async () => {
  const directory = temporaryDirectory();
  let stores = await openSqliteStores({ directory });
  return {
    records: stores.records,
    async reopen() {
      await stores.close();
      stores = await openSqliteStores({ directory });
      return stores.records;
    },
    close: () => stores.close(),
  };
});
