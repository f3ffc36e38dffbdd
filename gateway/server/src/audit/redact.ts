/**
 * Masks secrets in what is logged (AU5): by the name of their field, and by their look inside a text. Used for log
 * lines, audit details, errors and the arguments of tools. Pure; gives a copy and leaves its input alone.
 */

export const mask = "[redacted]";

/** Field names that hold secrets, compared without case, `-`, `_` and spaces; a suffix is enough (`userPassword`). */
const secretNames = [
  "password",
  "passwd",
  "passphrase",
  "passwordhash",
  "secret",
  "token",
  "ticket",
  "apikey",
  "accesskey",
  "privatekey",
  "signingkey",
  "authorization",
  "credential",
  "credentials",
  "cookie",
  "jwt",
  "bearer",
  "otp",
  "codeverifier",
];

/** Query parameters that carry something which opens a door. */
const secretParameters =
  /([?&#](?:ticket|code|state|token|access_token|refresh_token|id_token|key|api_key)=)[^&#\s"']*/gi;
const bearerOrBasic = /\b(Bearer|Basic)\s+[\w.~+/=-]{6,}/gi;
const jwt = /\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g;
/** Keys of well-known model providers. */
const providerKey = /\bsk-[\w-]{12,}/g;
/** `user:password@` in an address. */
const addressPassword = /(\b[a-z][a-z\d+.-]{0,30}:\/\/[^\s/:@]{1,256}):[^\s/@]{1,256}@/gi;

const maxDepth = 12;

/** A copy of `value` without its secrets, of plain JSON kinds only; cycles and what lies too deep are cut. */
export function redact(value: unknown): unknown {
  return copy(value, 0, []);
}

/** `text` without what looks like a secret in it: tokens, keys, passwords of addresses, secret query parameters. */
export function redactText(text: string): string {
  return text
    .replace(secretParameters, `$1${mask}`)
    .replace(bearerOrBasic, `$1 ${mask}`)
    .replace(jwt, mask)
    .replace(providerKey, mask)
    .replace(addressPassword, `$1:${mask}@`);
}

/** Whether a field of this name is masked whatever it holds. */
export function isSecretName(name: string): boolean {
  const plain = name.toLowerCase().replace(/[-_\s]/g, "");
  return secretNames.some((secret) => plain.endsWith(secret) || plain.endsWith(`${secret}s`));
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
  // `outputTokens: 12` is a count; `password: null` and `token: true` say only whether there is one.
  const counts = typeof value === "number" && /tokens$/i.test(name);
  const harmless = counts || value === null || value === undefined || typeof value === "boolean";
  return !harmless && isSecretName(name) ? mask : copy(value, depth, above);
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
