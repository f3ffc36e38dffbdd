export { type AuditAction, auditActions, isAuditAction } from "./actions.ts";
export { type Audit, type AuditFact, type AuditOptions, createAudit } from "./audit.ts";
export { boundRefusals } from "./bounded.ts";
export { emptyHead, seal } from "./chain.ts";
export { type AuditVerdict, verifyAudit } from "./verify.ts";
