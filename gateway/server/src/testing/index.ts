/** What tests of the engine and of its adapters share: fakes of the ports, and one contract suite per port. */
export { accountsSuite, type OpenAccounts } from "./accounts-suite.ts";
export { auditSuite, chainAfter, type OpenAuditStore } from "./audit-suite.ts";
export { type EventLogStoreUnderTest, eventLogStoreSuite } from "./event-log-store-suite.ts";
export { factsSuite, type OpenFacts, recordedMinute, walkAt } from "./facts-suite.ts";
export { createHandClock, type HandClock } from "./hand-clock.ts";
export { createMemoryAccounts } from "./memory-accounts.ts";
export { createMemoryAuditStore, type MemoryAuditStore } from "./memory-audit.ts";
export { createMemoryEventLogStore, type MemoryEventLogStore } from "./memory-event-log-store.ts";
export { createMemoryFacts } from "./memory-facts.ts";
export { createMemoryRecords } from "./memory-records.ts";
export { plainHasher, plainSigner } from "./plain-credentials.ts";
export { type RecordsUnderTest, recordsSuite } from "./records-suite.ts";
