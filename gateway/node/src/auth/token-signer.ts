/**
 * Access tokens as JWTs, HS256: they are made and checked by the same gateway, so there is no one who needs a public key.
 * Whether a token's session still exists is not asked here.
 */
import type { SessionId, UserId } from "@trueline/kit";
import type { TokenSigner } from "@trueline/server";
import { base64url, errors, jwtVerify, SignJWT } from "jose";

const issuer = "trueline";

/** `key`: 32 random bytes, base64url; the same on every node. */
export function createTokenSigner(key: string): TokenSigner {
  const bytes = base64url.decode(key);
  if (bytes.length < 32) throw new Error("the key of the access tokens is shorter than 256 bits");
  return {
    sign: ({ user, session }, { issuedAt, expiresAt }) =>
      new SignJWT({ sid: session })
        .setProtectedHeader({ alg: "HS256", typ: "at+jwt" })
        .setIssuer(issuer)
        .setSubject(user)
        .setIssuedAt(Math.floor(issuedAt / 1000))
        .setExpirationTime(Math.floor(expiresAt / 1000))
        .sign(bytes),
    async verify(token, now) {
      const options = { algorithms: ["HS256"], issuer, typ: "at+jwt", currentDate: new Date(now) };
      try {
        const { payload } = await jwtVerify<{ sid: SessionId }>(token, bytes, options);
        return payload.sub ? { user: payload.sub as UserId, session: payload.sid } : undefined;
      } catch (error) {
        if (error instanceof errors.JOSEError) return undefined;
        throw error;
      }
    },
  };
}
