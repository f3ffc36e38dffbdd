/**
 * TRUELINE_* variables as configuration: `TRUELINE_LOG_LEVEL` is `logLevel`, `TRUELINE_LIMITS_FRAME_BYTES` is
 * `limits.frameBytes`. Which there are follows from the schema. Lists of maps (models, agents) are for the file.
 */
import { z } from "zod";

export interface EnvironmentLayer {
  readonly values: Record<string, unknown>;
  /** Begin like ours and name no option. Other programs of Trueline's read some of them, so they are no mistake. */
  readonly unknown: readonly string[];
  readonly sourceOf: (path: readonly PropertyKey[]) => string | undefined;
}

const prefix = "TRUELINE_";
/** Read by the command line itself, the probe and the development server of the pages. */
const others = /^TRUELINE_(CONFIG|URL|NODE|PROBE_.*)$/;

export function readEnvironment(environment: NodeJS.ProcessEnv, schema: z.ZodType): EnvironmentLayer {
  const options = optionsOf(z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }));
  const values: Record<string, unknown> = {};
  const sources = new Map<string, string>();
  const unknown: string[] = [];
  for (const [variable, text] of Object.entries(environment)) {
    if (!variable.startsWith(prefix) || text === undefined || text === "") continue;
    const option = options.get(variable);
    if (!option) {
      if (!others.test(variable)) unknown.push(variable);
      continue;
    }
    put(
      values,
      option.path,
      option.isNumber && text.trim() !== "" && !Number.isNaN(Number(text)) ? Number(text) : text,
    );
    sources.set(option.path.join("."), variable);
  }
  return { values, unknown, sourceOf: (path) => sources.get(path.map(String).join(".")) };
}

interface Option {
  readonly path: readonly string[];
  readonly isNumber: boolean;
}

interface Shape {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Shape>>;
}

function optionsOf(schema: unknown, path: readonly string[] = []): Map<string, Option> {
  const found = new Map<string, Option>();
  for (const [name, child] of Object.entries((schema as Shape).properties ?? {})) {
    const inner = [...path, name];
    if (child.properties)
      for (const [variable, option] of optionsOf(child, inner)) found.set(variable, option);
    else {
      const isNumber = child.type === "number" || child.type === "integer";
      found.set(prefix + inner.map(snakeCase).join("_"), { path: inner, isNumber });
    }
  }
  return found;
}

const snakeCase = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();

function put(values: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [first, ...rest] = path;
  if (first === undefined) return;
  if (rest.length === 0) values[first] = value;
  else {
    values[first] ??= {};
    put(values[first] as Record<string, unknown>, rest, value);
  }
}
