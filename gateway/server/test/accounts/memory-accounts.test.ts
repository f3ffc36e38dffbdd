import { accountsSuite, createMemoryAccounts } from "@trueline/server/testing";

accountsSuite("memory", async () => ({ accounts: createMemoryAccounts(), close: async () => undefined }));
