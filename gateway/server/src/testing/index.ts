/** What tests of the engine and of its adapters share: fakes of the ports, and one contract suite per port. */
export { createMemoryEventLogStore, type MemoryEventLogStore } from "./memory-event-log-store.ts";
