/** The one list of what sounds secret (AU5): for fields of logs, of audit details and of tool arguments alike. Pure. */

/** Secret wherever they stand in a name, also without a border: `userpassword`, `clientSecretValue`. */
const parts =
  /passw(?:or)?d|passphrase|secret|credential|authorization|codeverifier|(?:api|access|account|private|signing)key/;
/** Secret as a word of their own. */
const words = /^(?:keys?|pwd|pass|auth|pin|otp|bearer|jwts?|tokens?|tickets?|cookies?)$/;
/** Secret at the end of a name: `refreshtoken`, but not `tokenizer`. */
const endings = /(?:token|ticket|cookie|jwt|bearer|otp)s?$/;

/** `apiKey`, `x-api-key`, `OPENAI_API_KEY`, `accessToken`. Rather one too many than one too few. */
export function isSecretName(name: string): boolean {
  const found = name
    .replace(/([a-z\d])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z\d]+/);
  const plain = found.join("");
  return parts.test(plain) || endings.test(plain) || found.some((word) => words.test(word));
}

/** `outputTokens: 12` is a count; `password: null` and `token: true` say only whether there is one. */
export function isHarmless(name: string, value: unknown): boolean {
  const counts = typeof value === "number" && /tokens$/i.test(name);
  return counts || value === null || value === undefined || typeof value === "boolean";
}
