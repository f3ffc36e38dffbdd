/**
 * The two users as whom a probe beside the gateway signs in. They are accounts like any other, to be seen and disabled in
 * the list of users, named for what they are; nobody else's thread lists fill with what the probe asks.
 */
import type { Administration } from "@trueline/server";

interface ProbeAccount {
  readonly email: string;
  readonly password: string;
}
export type ProbeAccounts = readonly [ProbeAccount, ProbeAccount];

const emails = ["probe-1@localhost", "probe-2@localhost"] as const;

/** Their passwords are known to nobody: new ones are made up, and whoever had the old ones is signed out. */
export async function makeProbeAccounts(administration: Administration): Promise<ProbeAccounts> {
  const [first, second] = emails;
  return [await makeAccount(administration, first), await makeAccount(administration, second)];
}

async function makeAccount(administration: Administration, email: string): Promise<ProbeAccount> {
  const actor = { by: "probe", address: null } as const;
  const known = await administration.find(email).catch(unlessNotFound);
  const password = known
    ? await administration.setPassword(known.id, undefined, actor)
    : (await administration.add({ email, name: "Golden path probe", purpose: "probe" }, actor)).password;
  if (password === undefined) throw new Error(`no password was made up for ${email}`);
  return { email, password };
}

function unlessNotFound(error: unknown): undefined {
  if ((error as { code?: unknown }).code !== "not_found") throw error;
}
