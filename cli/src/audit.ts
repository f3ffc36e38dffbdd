/** `trueline audit …`: the audit log of a data directory. */
import type { Command } from "commander";
import { addAuditVerify } from "./audit-verify.ts";

export function addAuditVerbs(trueline: Command): void {
  addAuditVerify(trueline.command("audit").description("the audit log"));
}
