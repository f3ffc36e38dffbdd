/** `trueline user password`: gives an account a new password and ends its sessions. Without one it is made up and shown once. */
import type { Command } from "commander";
import { commandLine, type DataFlags, withData, withDataOptions } from "./data.ts";
import { type PasswordFlags, readPassword, withPasswordOptions } from "./password-option.ts";

export function addUserPassword(user: Command): void {
  const command = user
    .command("password <user>")
    .description("give an account a new password and end its sessions");
  withDataOptions(withPasswordOptions(command)).action(setPassword);
}

/** `who`: an e-mail address or an id. */
async function setPassword(who: string, flags: DataFlags & PasswordFlags): Promise<void> {
  const password = await readPassword(flags);
  await withData(flags, false, async ({ users }, output) => {
    const { id, email } = await users.find(who);
    const made = await users.setPassword(id, password, commandLine);
    output.result(
      { user: { id, email }, ...(made === undefined ? {} : { password: made }) },
      `${email} has a new password, and was signed out everywhere.${
        made === undefined ? "" : `\nThis password is shown only now: ${made}`
      }`,
    );
  });
}
