/** What a user may see of a tool call: arguments without secrets, and results without the secrets of the arguments (AU5). */
import type { EventData } from "@trueline/protocol";
import { isHarmless, isSecretName } from "../secrets/names.ts";
import { mask, redactText } from "../secrets/text.ts";

type JsonRecord = EventData<"tool_executing">["arguments"];
type Json = JsonRecord[string];

/** Shorter secrets are not searched for in results: they would blot out half of the text. */
const shortestSearched = 4;

export interface ShownArguments {
  readonly arguments: JsonRecord;
  /** The text without the secrets of the arguments, and without what looks like a secret by itself. */
  blot(text: string): string;
}

/** `secretNames`: arguments that are secret beside those whose name alone says so. Never throws, whatever a model made up. */
export function showArguments(args: unknown, secretNames: readonly string[] = []): ShownArguments {
  const secrets = new Set<string>();
  const names = new Set(secretNames);
  const isSecret = (name: string, value: Json) =>
    names.has(name) || (isSecretName(name) && !isHarmless(name, value));
  const shown = redact(asRecord(toJson(args)), isSecret, secrets);
  return {
    arguments: shown as JsonRecord,
    blot: (text) => redactText([...secrets].reduce((rest, secret) => rest.replaceAll(secret, mask), text)),
  };
}

type IsSecret = (name: string, value: Json) => boolean;

function redact(value: Json, isSecret: IsSecret, secrets: Set<string>): Json {
  if (typeof value === "string") return redactText(value);
  if (Array.isArray(value)) return value.map((item) => redact(item, isSecret, secrets));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([name, child]): [string, Json] => {
    if (!isSecret(name, child)) return [name, redact(child, isSecret, secrets)];
    collectStrings(child, secrets);
    return [name, mask];
  });
  return Object.fromEntries(entries);
}

function collectStrings(value: Json, into: Set<string>): void {
  if (typeof value === "string" && value.length >= shortestSearched) into.add(value);
  else if (typeof value === "object" && value !== null) {
    for (const child of Object.values(value)) collectStrings(child, into);
  }
}

/** What JSON keeps of it. A model of one's own may hand over anything. */
function toJson(value: unknown): Json {
  try {
    const text: string | undefined = JSON.stringify(value);
    return text === undefined ? null : (JSON.parse(text) as Json);
  } catch (error) {
    return `not JSON: ${error instanceof Error ? error.message : "unknown"}`;
  }
}

function asRecord(value: Json): JsonRecord {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  return value === null ? {} : { input: value };
}
