/** What the verbs on a data directory share: which one it is, opening it, closing it. */
import { type DataAdministration, loadDataDirectory, openAdministration } from "@trueline/gateway";
import type { Command } from "commander";
import { refuseMistakes, sourcesOf } from "./configuration.ts";
import { CommandError, exitCodes } from "./exit-codes.ts";
import { createOutput, type Output } from "./output.ts";

export interface DataFlags {
  readonly data?: string;
  readonly config?: string;
  readonly json?: true;
}

export const withDataOptions = (command: Command): Command =>
  command
    .option("--data <directory>", "where everything is kept (./.trueline)")
    .option("--config <file>", "the configuration file (trueline.config.yaml, if it is there)")
    .option("--json", "print one JSON document");

/** `create`: whether a directory without data gets some. */
export async function withData(
  { data, config, json }: DataFlags,
  create: boolean,
  work: (administration: DataAdministration, output: Output) => Promise<void>,
): Promise<void> {
  const directory = loadDataDirectory(sourcesOf({ data }, config));
  if (!directory.ok) refuseMistakes(directory.error);
  const administration = await openAdministration({ directory: directory.value, create });
  if (!administration)
    throw new CommandError(
      exitCodes.refused,
      `there is no data of a gateway in ${directory.value}; name it with --data`,
    );
  try {
    await work(administration, createOutput(json === true));
  } finally {
    await administration.close();
  }
}

/** Who acts, for the audit log. */
export const commandLine = { by: "command_line", address: null } as const;
