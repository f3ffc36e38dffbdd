/** Appends to the audit log in the directory it is given, and prints the number of each entry once it was acknowledged. */
import { writeSync } from "node:fs";
import { systemClock } from "@trueline/kit";
import { createAudit, silentObserver } from "@trueline/server";
import { openSqliteStores } from "@trueline/stores";

const stores = await openSqliteStores({ directory: process.argv[2] ?? "" });
const audit = createAudit({ store: stores.audit, clock: systemClock, logger: silentObserver().logger });
for (let number = 1; ; number++) {
  await audit.append({ action: "send", user: "ada", detail: { number } });
  writeSync(1, `${number}\n`);
}
