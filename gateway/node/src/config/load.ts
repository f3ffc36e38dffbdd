/**
 * Configuration from flags, environment and file, the first winning. Every mistake is listed at once, each with where it
 * stands: the flag, the variable, or the line of the file. Reads one file and nothing else; the caller prints.
 */
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { failure, type Result, success } from "@trueline/kit";
import { LineCounter, parseDocument } from "yaml";
import { readEnvironment } from "./environment.ts";
import { type Config, configSchema, type FieldMistake, mistakesOfWhole } from "./schema.ts";
import { spread } from "./sentences.ts";

export const defaultConfigFile = "trueline.config.yaml";

export interface ConfigSources {
  /** By the names of the schema. Undefined: not given. */
  readonly flags: Readonly<Record<string, unknown>>;
  readonly environment: NodeJS.ProcessEnv;
  /** Of `--config`; absent: trueline.config.yaml in `directory`, if it is there. */
  readonly file?: string | undefined;
  readonly directory: string;
}

export interface ConfigMistake {
  /** `--port`, `TRUELINE_PORT`, `trueline.config.yaml:3`. */
  readonly source: string;
  /** `limits.frameBytes`; empty for the whole. */
  readonly path: string;
  readonly message: string;
}

export interface LoadedConfig {
  readonly config: Config;
  /** Variables that look like ours and are not. */
  readonly unknownVariables: readonly string[];
}

/** Values as a tree, and where each of them came from, by its path. */
interface Layer {
  readonly values: Record<string, unknown>;
  readonly sourceOf: (path: readonly PropertyKey[]) => string | undefined;
}

export function loadConfig(sources: ConfigSources): Result<LoadedConfig, readonly ConfigMistake[]> {
  const read = readLayers(sources);
  if (!read.ok) return read;
  const { layers, merged, unknownVariables } = read.value;
  const parsed = configSchema.safeParse(merged, { reportInput: true });
  const mistakes = parsed.success
    ? beyondFields(parsed.data, sources.environment)
    : [
        ...parsed.error.issues.flatMap(spread),
        ...mistakesOfRest(merged, parsed.error.issues, sources.environment),
      ];
  if (parsed.success && mistakes.length === 0) return success({ config: parsed.data, unknownVariables });
  return failure(mistakes.map((mistake) => located(mistake, layers)));
}

/** Only where the data is: what else may be wrong does not keep a command from managing accounts. */
export function loadDataDirectory(sources: ConfigSources): Result<string, readonly ConfigMistake[]> {
  const read = readLayers(sources);
  if (!read.ok) return read;
  const { layers, merged } = read.value;
  const parsed = configSchema.pick({ data: true }).safeParse({ data: merged.data }, { reportInput: true });
  if (parsed.success) return success(resolve(sources.directory, parsed.data.data));
  return failure(parsed.error.issues.flatMap(spread).map((mistake) => located(mistake, layers)));
}

/** Only what the service levels aim at. */
export function loadObjectives(
  sources: ConfigSources,
): Result<Config["objectives"], readonly ConfigMistake[]> {
  const read = readLayers(sources);
  if (!read.ok) return read;
  const { layers, merged } = read.value;
  const parsed = configSchema
    .pick({ objectives: true })
    .safeParse({ objectives: merged.objectives }, { reportInput: true });
  if (parsed.success) return success(parsed.data.objectives);
  return failure(parsed.error.issues.flatMap(spread).map((mistake) => located(mistake, layers)));
}

interface ReadLayers {
  /** The first wins. */
  readonly layers: readonly Layer[];
  readonly merged: Record<string, unknown>;
  readonly unknownVariables: readonly string[];
}

function readLayers(sources: ConfigSources): Result<ReadLayers, readonly ConfigMistake[]> {
  const file = fileLayer(sources);
  if (!file.ok) return file;
  const environment = readEnvironment(sources.environment, configSchema);
  const layers: readonly Layer[] = [flagLayer(sources.flags), environment, file.value];
  const merged = layers.reduceRight<Record<string, unknown>>((below, { values }) => merge(below, values), {});
  return success({ layers, merged, unknownVariables: environment.unknown });
}

/** One line each, as a person reads them: `trueline.config.yaml:3: limits.frameBytes: expected number`. */
export function describeMistake({ source, path, message }: ConfigMistake): string {
  // A flag or a variable says by its name which option it is; a line of a file does not.
  const named = source.startsWith("--") || source.startsWith("TRUELINE_");
  return [source, named ? "" : path, message].filter((part) => part !== "").join(": ");
}

const beyondFields = (config: Config, environment: NodeJS.ProcessEnv): readonly FieldMistake[] => [
  ...mistakesOfWhole(config),
  ...missingSecrets(config, environment),
];

/** What can be told of the options that are right by themselves, beside some that are not. */
function mistakesOfRest(
  merged: Readonly<Record<string, unknown>>,
  issues: readonly { readonly path: readonly PropertyKey[] }[],
  environment: NodeJS.ProcessEnv,
): readonly FieldMistake[] {
  const wrong = new Set(issues.map(({ path }) => path[0]));
  const known = Object.entries(merged).filter(
    ([key]) => !wrong.has(key) && Object.hasOwn(configSchema.shape, key),
  );
  const parsed = configSchema.safeParse(Object.fromEntries(known));
  if (!parsed.success) return [];
  const needs: Readonly<Record<string, string>> = { agents: "models", demo: "host" };
  return beyondFields(parsed.data, environment).filter(
    ({ path }) => !wrong.has(needs[String(path[0])] ?? ""),
  );
}

function missingSecrets(config: Config, environment: NodeJS.ProcessEnv): readonly FieldMistake[] {
  const named: [readonly PropertyKey[], string | undefined][] = [
    [["metricsTokenEnv"], config.metricsTokenEnv],
    [["oidc", "clientSecretEnv"], config.oidc?.clientSecretEnv],
    ...config.models.map((model, index): [PropertyKey[], string | undefined] => [
      ["models", index, "apiKeyEnv"],
      model.apiKeyEnv,
    ]),
    ...config.probe.webhooks.map((webhook, index): [PropertyKey[], string] => [
      ["probe", "webhooks", index, "urlEnv"],
      webhook.urlEnv,
    ]),
  ];
  return named
    .filter(([, variable]) => variable !== undefined && !environment[variable])
    .map(([path, variable]) => ({ path, message: `the environment variable ${variable} is not set` }));
}

function located({ path, message }: FieldMistake, layers: readonly Layer[]): ConfigMistake {
  const source = layers.map((layer) => layer.sourceOf(path)).find((found) => found !== undefined);
  return { source: source ?? "configuration", path: path.map(String).join("."), message };
}

function flagLayer(flags: Readonly<Record<string, unknown>>): Layer {
  const values = Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== undefined));
  return {
    values,
    sourceOf: ([key]) => (key !== undefined && Object.hasOwn(values, key) ? `--${String(key)}` : undefined),
  };
}

function fileLayer({ file, directory }: ConfigSources): Result<Layer, readonly ConfigMistake[]> {
  const path = resolve(directory, file ?? defaultConfigFile);
  const label = file ?? defaultConfigFile;
  if (file === undefined && !existsSync(path)) return success({ values: {}, sourceOf: () => undefined });
  const mistake = (message: string, line?: number): readonly ConfigMistake[] => [
    { source: line === undefined ? label : `${label}:${line}`, path: "", message },
  ];
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    return failure(mistake(`cannot be read: ${(error as Error).message}`));
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  if (document.errors.length > 0)
    return failure(
      document.errors.flatMap((error) => mistake(error.message, lines.linePos(error.pos[0]).line)),
    );
  const values: unknown = document.toJS() ?? {};
  if (typeof values !== "object" || Array.isArray(values))
    return failure(mistake("is not a map of options", 1));
  const lineOf = (path: readonly PropertyKey[]): number | undefined => {
    const node = document.getIn(path as string[], true) as { range?: [number, number, number] } | undefined;
    return node?.range ? lines.linePos(node.range[0]).line : undefined;
  };
  return success({
    values: values as Record<string, unknown>,
    sourceOf: (path) => {
      const [top] = path;
      if (top === undefined || !document.has(top as string)) return undefined;
      // A missing field has no place of its own: the nearest thing around it has.
      for (let length = path.length; length > 0; length--) {
        const line = lineOf(path.slice(0, length));
        if (line !== undefined) return `${label}:${line}`;
      }
      return label;
    },
  });
}

/** Maps are merged, everything else is replaced. */
function merge(below: Record<string, unknown>, above: Record<string, unknown>): Record<string, unknown> {
  const merged = { ...below };
  for (const [key, value] of Object.entries(above))
    merged[key] = isMap(value) && isMap(merged[key]) ? merge(merged[key], value) : value;
  return merged;
}

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
