/** Random secrets that are handed out once and kept as hashes; and the form of a refresh token. Pure. */
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { isId, randomToken, type SessionId } from "@trueline/kit";

/** For secrets of 128 random bits and more, which need no slow hash. */
export const hashSecret = (secret: string): string => createHash("sha256").update(secret).digest("base64url");

export function sameHash(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

/**
 * `<session>.<family>.<secret>`. The family is the same in all refresh tokens of a session: a token with the right
 * family and an old secret was one of ours and is used again; with a wrong family it never was, and says nothing about
 * the session. So one row per session tells the two apart, however often it was refreshed.
 */
export interface RefreshToken {
  readonly session: SessionId;
  readonly family: string;
  readonly secret: string;
}

export const firstRefreshToken = (session: SessionId): RefreshToken => ({
  session,
  family: randomToken(16),
  secret: randomToken(32),
});

/**
 * The successor follows from the token and a key of ours. So a token that comes twice within the grace time gets the
 * same successor twice, and two tabs end up with one valid token, though only hashes are stored.
 */
export function nextRefreshToken(token: RefreshToken, key: string): RefreshToken {
  const secret = createHmac("sha256", key).update(`${token.session}.${token.secret}`).digest("base64url");
  return { ...token, secret };
}

export const formatRefreshToken = ({ session, family, secret }: RefreshToken): string =>
  `${session}.${family}.${secret}`;

export function parseRefreshToken(text: string): RefreshToken | undefined {
  const [session, family, secret, ...rest] = text.split(".");
  if (!session || !family || !secret || rest.length > 0 || !isId("session", session)) return undefined;
  return { session, family, secret };
}
