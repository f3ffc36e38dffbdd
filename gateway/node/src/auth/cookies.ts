/** The two cookies of a sign-in at an identity provider: written, read, deleted. Values are base64url, never quoted. */
import type { IncomingMessage } from "node:http";

export interface CookieOptions {
  readonly path: string;
  readonly seconds: number;
  /** Only over HTTPS. */
  readonly secure: boolean;
  /** `Lax`: comes along when another site links here. `Strict`: does not. */
  readonly sameSite: "Lax" | "Strict";
}

/** For `Set-Cookie`. Scripts of the page cannot read it. */
export function formatCookie(name: string, value: string, options: CookieOptions): string {
  const { path, seconds, secure, sameSite } = options;
  return `${name}=${value}; Path=${path}; Max-Age=${seconds}; HttpOnly; SameSite=${sameSite}${secure ? "; Secure" : ""}`;
}

export function readCookie(request: IncomingMessage, name: string): string | undefined {
  for (const cookie of (request.headers.cookie ?? "").split(";")) {
    const [key, value] = cookie.trim().split("=", 2);
    if (key === name && value !== undefined && /^[\w-]+$/.test(value)) return value;
  }
  return undefined;
}
