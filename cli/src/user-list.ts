/** `trueline user list`: every account. */
import type { DataAdministration } from "@trueline/gateway";
import type { Command } from "commander";
import { type DataFlags, withData, withDataOptions } from "./data.ts";
import { table } from "./output.ts";

export function addUserList(user: Command): void {
  withDataOptions(user.command("list").description("list all accounts")).action(list);
}

async function list(flags: DataFlags): Promise<void> {
  await withData(flags, false, async ({ users }, output) => {
    const rows = await everyUser(users);
    const views = rows.map(({ id, email, name, role, disabled, createdAt }) => ({
      id,
      email,
      name,
      role,
      disabled,
      createdAt: new Date(createdAt).toISOString(),
    }));
    const cells = views.map((view) => [
      view.email,
      view.name,
      view.role,
      view.disabled ? "disabled" : "",
      view.createdAt,
    ]);
    output.result({ users: views }, table(["e-mail", "name", "role", "", "since"], cells));
  });
}

async function everyUser(users: DataAdministration["users"]) {
  const limit = 500;
  const all = [...(await users.list({ limit }))];
  for (let page = all; page.length === limit; ) {
    const after = page.at(-1)?.id;
    if (after === undefined) break;
    page = [...(await users.list({ after, limit }))];
    all.push(...page);
  }
  return all;
}
