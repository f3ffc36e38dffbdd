/** `trueline user add`: makes an account. Without a password one is made up and shown once. */
import type { DataAdministration } from "@trueline/gateway";
import type { Command } from "commander";
import { commandLine, type DataFlags, withData, withDataOptions } from "./data.ts";
import { CommandError, exitCodes } from "./exit-codes.ts";
import { type PasswordFlags, readPassword, withPasswordOptions } from "./password-option.ts";

interface AddFlags extends DataFlags, PasswordFlags {
  readonly name?: string;
  readonly administrator?: true;
}

export function addUserAdd(user: Command): void {
  const command = user.command("add <email>").description("make an account");
  command.option("--name <name>", "what others see (the first part of the address)");
  command.option("--administrator", "may see and manage everybody's accounts");
  withDataOptions(withPasswordOptions(command)).action(add);
}

async function add(email: string, flags: AddFlags): Promise<void> {
  const password = await readPassword(flags);
  await withData(flags, true, async ({ users }, output) => {
    if (await isThere(users, email))
      throw new CommandError(exitCodes.refused, `there is a user with the address ${email}`);
    const added = await users.add(
      {
        email,
        role: flags.administrator ? "administrator" : "user",
        ...(flags.name === undefined ? {} : { name: flags.name }),
        ...(password === undefined ? {} : { password }),
      },
      commandLine,
    );
    const { id, name, role } = added.user;
    const made = added.password;
    output.result(
      {
        user: { id, email: added.user.email, name, role },
        ...(made === undefined ? {} : { password: made }),
      },
      `${added.user.email} was added as ${role === "administrator" ? "an administrator" : "a user"}.${
        made === undefined ? "" : `\nThis password is shown only now: ${made}`
      }`,
    );
  });
}

async function isThere(users: DataAdministration["users"], email: string): Promise<boolean> {
  try {
    await users.find(email.trim());
    return true;
  } catch (error) {
    if ((error as { code?: unknown }).code === "not_found") return false;
    throw error;
  }
}
