/**
 * Masks secrets by their look inside a text (AU5), for log lines, audit details and what events show of tools. Pure. Time
 * is linear in the text: every part of a pattern that repeats is bounded, or what begins it is rare.
 */

export const mask = "[redacted]";

/** Query parameters that carry something which opens a door. */
const secretParameters =
  /([?&#](?:ticket|code|state|token|access_token|refresh_token|id_token|key|api_key)=)[^&#\s"']*/gi;
const bearerOrBasic = /\b(Bearer|Basic)\s{1,8}[\w.~+/=-]{6,}/gi;
const jwt = /\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g;
/** Keys whose maker gave them a beginning: model providers, GitHub, GitLab, AWS, Google, Slack, Stripe. */
const knownKeys =
  /\b(?:sk-[\w-]{12,}|[rs]k_(?:live|test)_\w{8,}|gh[pousr]_\w{16,}|github_pat_\w{16,}|glpat-[\w-]{16,}|(?:AKIA|ASIA)[A-Z\d]{12,}|AIza[\w-]{30,}|xox[abeoprs]-[\w-]{8,})/g;
const privateKey = /-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[^-]*(?:-----END [A-Z ]{0,40}PRIVATE KEY-----)?/g;
/** `user:password@` in an address. */
const addressPassword = /(\b[a-z][a-z\d+.-]{0,30}:\/\/[^\s/:@]{0,256}):[^\s/@]{1,256}@/gi;
/** `password: x`, `"apiKey": "x y"`, `DB_PASSWORD=x`; a value in quotes goes up to the quote. */
const namedValue =
  /((?:passw(?:or)?d|passphrase|pwd|secret|token|(?:api|access|account|private|signing)[-_ ]?key|(?<![a-z])key)\\?["']?[ \t]{0,4}[=:][ \t]{0,4})(?:(\\["'])(?:(?!\2)[^\r\n]){1,1024}|(["'])(?:\\[^\r\n]|(?!\3)[^\r\n\\]){1,1024}|[^\s"'\\,;&<>(){}[\]]{1,1024})/gi;

/** `text` without what looks like a secret in it: tokens, keys, passwords of addresses, values that are named so. */
export function redactText(text: string): string {
  return text
    .replace(privateKey, mask)
    .replace(secretParameters, `$1${mask}`)
    .replace(bearerOrBasic, `$1 ${mask}`)
    .replace(jwt, mask)
    .replace(knownKeys, mask)
    .replace(addressPassword, `$1:${mask}@`)
    .replace(
      namedValue,
      (_found, name: string, escaped?: string, quote?: string) => `${name}${escaped ?? quote ?? ""}${mask}`,
    );
}
