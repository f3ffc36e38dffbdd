/** The fakes keep what their ports promise. */
import {
  createMemoryEventLogStore,
  createMemoryRecords,
  eventLogStoreSuite,
  recordsSuite,
} from "@trueline/server/testing";

eventLogStoreSuite(
  "memory",
  async (clock) => {
    const store = createMemoryEventLogStore({ clock });
    return { store, reopen: async () => store, close: async () => undefined };
  },
  { volatile: true },
);

recordsSuite("memory", async () => {
  const records = createMemoryRecords();
  return { records, reopen: async () => records, close: async () => undefined };
});
