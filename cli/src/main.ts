/** The command line: reads the arguments, runs one verb, and turns what became of it into an exit code. */
import { version } from "@trueline/gateway";
import { Command, CommanderError } from "commander";
import { addAuditVerbs } from "./audit.ts";
import { exitCodes } from "./exit-codes.ts";
import { explainError } from "./explain-error.ts";
import { addProbe } from "./probe.ts";
import { addServiceLevels } from "./service-levels.ts";
import { addUp } from "./up.ts";
import { addUserVerbs } from "./user.ts";

/** Sets `process.exitCode`; never throws. */
export async function main(args: readonly string[]): Promise<void> {
  try {
    await program().parseAsync(args, { from: "user" });
  } catch (error) {
    process.exitCode = report(error);
  }
}

function program(): Command {
  const trueline = new Command("trueline")
    .description(
      "A person sends a message; an agent runs; that person, and nobody else, sees every step in order.",
    )
    .version(version)
    .exitOverride()
    .configureHelp({ showGlobalOptions: true });
  addUp(trueline);
  addProbe(trueline);
  addServiceLevels(trueline);
  addUserVerbs(trueline);
  addAuditVerbs(trueline);
  return trueline;
}

function report(error: unknown): number {
  if (error instanceof CommanderError) {
    // Help and version end this way too, with 0; what was wrong has been printed.
    return error.exitCode === 0 ? exitCodes.done : exitCodes.wrongUse;
  }
  const { exitCode, message } = explainError(error);
  process.stderr.write(`trueline: ${message}\n`);
  return exitCode;
}
