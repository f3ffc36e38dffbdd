import { createMemoryFacts, factsSuite } from "@trueline/server/testing";

factsSuite("memory", async () => ({ facts: createMemoryFacts(), close: async () => undefined }));
