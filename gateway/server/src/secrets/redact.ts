/**
 * Masks secrets in plain data (AU5): by the name of their field, and by their look inside a text. Used for log lines,
 * audit details and errors. Pure; gives a copy and leaves its input alone.
 */
import { isHarmless, isSecretName } from "./names.ts";
import { mask, redactText } from "./text.ts";

const maxDepth = 12;

/** A copy of `value` without its secrets, of plain JSON kinds only; cycles and what lies too deep are cut. */
export function redact(value: unknown): unknown {
  return copy(value, 0, []);
}

function copy(value: unknown, depth: number, above: readonly object[]): unknown {
  if (typeof value === "string") return redactText(value);
  if (typeof value === "bigint") return value.toString();
  if (typeof value !== "object" || value === null) return value;
  if (above.includes(value)) return "[circular]";
  if (depth >= maxDepth) return "[too deep]";
  const path = [...above, value];
  if (Array.isArray(value)) return value.map((item) => copy(item, depth + 1, path));
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return `[${value.byteLength} bytes]`;
  const fields = value instanceof Error ? errorFields(value) : Object.entries(value);
  return Object.fromEntries(fields.map(([name, child]) => [name, field(name, child, depth + 1, path)]));
}

function field(name: string, value: unknown, depth: number, above: readonly object[]): unknown {
  return isSecretName(name) && !isHarmless(name, value) ? mask : copy(value, depth, above);
}

/** What an error holds besides its own fields is not enumerable. */
function errorFields(error: Error): [string, unknown][] {
  const { name, message, stack, cause } = error;
  return [
    ["name", name],
    ["message", message],
    ["stack", stack],
    ...(cause === undefined ? [] : [["cause", cause] as [string, unknown]]),
    ...Object.entries(error),
  ];
}
