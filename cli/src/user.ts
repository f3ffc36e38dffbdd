/** `trueline user …`: manages the accounts of a data directory, also while a gateway runs on it. */
import type { Command } from "commander";
import { addUserAdd } from "./user-add.ts";
import { addUserDisable } from "./user-disable.ts";
import { addUserList } from "./user-list.ts";
import { addUserPassword } from "./user-password.ts";

export function addUserVerbs(trueline: Command): void {
  const user = trueline
    .command("user")
    .description("manage accounts; a running gateway sees it within a second");
  addUserAdd(user);
  addUserList(user);
  addUserDisable(user);
  addUserPassword(user);
}
