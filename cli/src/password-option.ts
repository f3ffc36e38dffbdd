/** A password for an account: given, read from standard input, or (with neither) to be made up. */
import { text } from "node:stream/consumers";
import type { Command } from "commander";
import { CommandError, exitCodes } from "./exit-codes.ts";

export interface PasswordFlags {
  readonly password?: string;
  readonly passwordStdin?: true;
}

export const withPasswordOptions = (command: Command): Command =>
  command
    .option(
      "--password <password>",
      "the password; others on this machine may see it in the list of processes",
    )
    .option("--password-stdin", "read the password from standard input");

/** Undefined: one is to be made up. */
export async function readPassword({ password, passwordStdin }: PasswordFlags): Promise<string | undefined> {
  if (!passwordStdin) return password;
  if (password !== undefined)
    throw new CommandError(exitCodes.wrongUse, "--password and --password-stdin exclude each other");
  return (await text(process.stdin)).replace(/\r?\n$/, "");
}
