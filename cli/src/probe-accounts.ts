/** The two users of a probe, from options or the environment: both or none. */
import type { ProbeAccount } from "@trueline/probe";
import { CommandError, exitCodes } from "./exit-codes.ts";

export interface AccountFlags {
  readonly email?: string;
  readonly password?: string;
  readonly email2?: string;
  readonly password2?: string;
}

/** By the flag that says the same. */
const variables = {
  email: "TRUELINE_PROBE_EMAIL",
  password: "TRUELINE_PROBE_PASSWORD",
  email2: "TRUELINE_PROBE_EMAIL_2",
  password2: "TRUELINE_PROBE_PASSWORD_2",
} as const satisfies Record<keyof AccountFlags, string>;

export const accountsHelp = `
Two users are needed, by the options above or by ${Object.values(variables).join(", ")}.
Without them the demo's users are tried, on loopback only.`;

/** Undefined when nothing is given at all. */
export function accountsOf(
  flags: AccountFlags,
  environment: NodeJS.ProcessEnv,
): readonly [ProbeAccount, ProbeAccount] | undefined {
  const value = (name: keyof AccountFlags): string => flags[name] ?? environment[variables[name]] ?? "";
  const names = Object.keys(variables) as (keyof AccountFlags)[];
  const missing = names.filter((name) => value(name) === "");
  if (missing.length === names.length) return undefined;
  if (missing.length > 0) {
    const what = missing.map((name) => variables[name]).join(", ");
    throw new CommandError(
      exitCodes.wrongUse,
      `the probe needs two users, each with a password; not set: ${what}`,
    );
  }
  return [
    { email: value("email"), password: value("password") },
    { email: value("email2"), password: value("password2") },
  ];
}
