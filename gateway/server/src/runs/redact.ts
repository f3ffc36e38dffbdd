/** What a user may see of a tool call: arguments without secrets, and results without the secrets of the arguments (AU5). */
import type { EventData } from "@trueline/protocol";

type JsonRecord = EventData<"tool_executing">["arguments"];
type Json = JsonRecord[string];

const redacted = "[redacted]";
/** Shorter secrets are not searched for in results: they would blot out half of the text. */
const shortestSearched = 4;

export interface ShownArguments {
  readonly arguments: JsonRecord;
  /** The text with every secret of the arguments blotted out. */
  blot(text: string): string;
}

/** `secretNames`: arguments that are secret beside those whose name alone says so. Never throws, whatever a model made up. */
export function showArguments(args: unknown, secretNames: readonly string[] = []): ShownArguments {
  const secrets = new Set<string>();
  const names = new Set(secretNames);
  const shown = redact(asRecord(toJson(args)), (name) => names.has(name) || soundsSecret(name), secrets);
  return {
    arguments: shown as JsonRecord,
    blot: (text) => [...secrets].reduce((rest, secret) => rest.replaceAll(secret, redacted), text),
  };
}

const secretWords = new Set(["key", "keys", "pwd", "pass", "auth", "cookie", "pin", "jwt"]);
const secretParts = /password|passwd|passphrase|secret|token|authorization|credential|apikey|privatekey/;

/** `apiKey`, `x-api-key`, `OPENAI_API_KEY`, `accessToken`. Rather one too many than one too few. */
function soundsSecret(name: string): boolean {
  const words = name
    .replace(/([a-z\d])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z\d]+/);
  return secretParts.test(words.join("")) || words.some((word) => secretWords.has(word));
}

function redact(value: Json, isSecret: (name: string) => boolean, secrets: Set<string>): Json {
  if (Array.isArray(value)) return value.map((item) => redact(item, isSecret, secrets));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([name, child]): [string, Json] => {
    if (!isSecret(name)) return [name, redact(child, isSecret, secrets)];
    collectStrings(child, secrets);
    return [name, redacted];
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
