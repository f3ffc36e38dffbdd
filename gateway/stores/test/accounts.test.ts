/** Accounts and the audit log in the embedded store: the contract suites of their ports. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { accountsSuite, auditSuite } from "@trueline/server/testing";
import { openSqliteStores } from "@trueline/stores";

async function openStores() {
  const directory = mkdtempSync(join(tmpdir(), "trueline-accounts-"));
  const stores = await openSqliteStores({ directory });
  const close = async () => {
    await stores.close();
    rmSync(directory, { recursive: true });
  };
  return { stores, close };
}

accountsSuite("sqlite", async () => {
  const { stores, close } = await openStores();
  return { accounts: stores.accounts, close };
});

auditSuite("sqlite", async () => {
  const { stores, close } = await openStores();
  return { store: stores.audit, close };
});
