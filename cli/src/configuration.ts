/** Configuration for a verb: the mistakes of all sources, told together. */
import { type ConfigMistake, type ConfigSources, describeMistake } from "@trueline/gateway";
import { CommandError, exitCodes } from "./exit-codes.ts";

/** `flags` by the names of the schema; `config` is the file of `--config`. */
export function sourcesOf(flags: Readonly<Record<string, unknown>>, config?: string): ConfigSources {
  return {
    flags,
    environment: process.env,
    file: config ?? process.env.TRUELINE_CONFIG,
    directory: process.cwd(),
  };
}

export function refuseMistakes(mistakes: readonly ConfigMistake[]): never {
  const lines = mistakes.map((mistake) => `  ${describeMistake(mistake)}`);
  const count = mistakes.length === 1 ? "1 mistake" : `${mistakes.length} mistakes`;
  throw new CommandError(exitCodes.wrongUse, `the configuration has ${count}:\n${lines.join("\n")}`);
}
