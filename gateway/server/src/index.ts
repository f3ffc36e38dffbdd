export * from "./accounts/index.ts";
export * from "./audit/index.ts";
export type { Connection } from "./connection/connection.ts";
export type { EventStream } from "./connection/event-stream.ts";
export type { Transport } from "./connection/transport.ts";
export { defaultLimits, type Limits, limitsSchema } from "./limits.ts";
export type { Batch, BatchItem } from "./log/batch.ts";
export type { Revocation } from "./manager/connections.ts";
export type {
  CancelOutcome,
  Counts,
  Manager,
  Managers,
  Origin,
  Outcome,
  Place,
  Refusal,
  SendOutcome,
  SendRequest,
  Visitor,
} from "./manager/manager.ts";
export { createManagers } from "./manager/managers.ts";
export type { ManagersOptions } from "./manager/options.ts";
export * from "./ports/accounts.ts";
export * from "./ports/audit.ts";
export * from "./ports/credentials.ts";
export * from "./ports/event-log-store.ts";
export * from "./ports/facts.ts";
export * from "./ports/model.ts";
export * from "./ports/observer.ts";
export * from "./ports/records.ts";
export { hashOfText } from "./runs/text-hash.ts";
export { inSpan, tracer } from "./runs/trace.ts";
export * from "./secrets/index.ts";
export * from "./service-levels/index.ts";
