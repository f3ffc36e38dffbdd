import { auditSuite, createMemoryAuditStore } from "@trueline/server/testing";

auditSuite("memory", async () => ({ store: createMemoryAuditStore(), close: async () => undefined }));
