/** `trueline audit verify`: checks the whole chain, and names the first broken entry. Changes nothing. */
import type { Command } from "commander";
import { type DataFlags, withData, withDataOptions } from "./data.ts";
import { exitCodes } from "./exit-codes.ts";

export function addAuditVerify(audit: Command): void {
  withDataOptions(audit.command("verify").description("check the hash chain of the audit log"))
    .addHelpText("after", limitsHelp)
    .action(verify);
}

const limitsHelp = `
It shows what was changed, removed, inserted or moved, and what is missing at the end. It cannot show that somebody who
may write the whole file made a new chain of it, or put an older copy of everything back: keep the hash that it prints
somewhere else, and compare.`;

async function verify(flags: DataFlags): Promise<void> {
  await withData(flags, false, async (administration, output) => {
    const verdict = await administration.verifyAudit();
    output.result(
      verdict,
      verdict.ok
        ? `The audit log is whole: ${verdict.count} entries, the last is ${verdict.head.hash}.`
        : `The audit log is broken: ${verdict.message}`,
    );
    if (!verdict.ok) process.exitCode = exitCodes.violations;
  });
}
