/** `trueline user disable` and `enable`: ends all access of an account, or allows it again. */
import type { Command } from "commander";
import { commandLine, type DataFlags, withData, withDataOptions } from "./data.ts";

export function addUserDisable(user: Command): void {
  const disable = user
    .command("disable <user>")
    .description("end all sessions of an account and let it in no more");
  withDataOptions(disable).action((who: string, flags: DataFlags) => setDisabled(who, true, flags));
  const enable = user.command("enable <user>").description("let a disabled account in again");
  withDataOptions(enable).action((who: string, flags: DataFlags) => setDisabled(who, false, flags));
}

/** `who`: an e-mail address or an id. */
async function setDisabled(who: string, disabled: boolean, flags: DataFlags): Promise<void> {
  await withData(flags, false, async ({ users }, output) => {
    const { id, email } = await users.find(who);
    await users.setDisabled(id, disabled, commandLine);
    output.result({ user: { id, email, disabled } }, `${email} is ${disabled ? "disabled" : "enabled"}.`);
  });
}
