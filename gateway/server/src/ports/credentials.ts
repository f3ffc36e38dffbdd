/** The cryptography that access needs and that the engine does not bring itself. Adapters are in the node package. */
import type { SessionId, UserId } from "@trueline/kit";

export interface PasswordHasher {
  /** Slow on purpose, and off the main thread. The result says by itself how it was made. */
  hash(password: string): Promise<string>;
  /** As slow as `hash`, whatever the answer. */
  verify(hash: string, password: string): Promise<boolean>;
}

/** What an access token says. Whether its session still is one is asked at each use. */
export interface TokenClaims {
  readonly user: UserId;
  readonly session: SessionId;
}

export interface TokenSigner {
  /** Times are milliseconds since 1970. */
  sign(claims: TokenClaims, time: { readonly issuedAt: number; readonly expiresAt: number }): Promise<string>;
  /** Undefined for a token that is not ours, was changed, or had expired at `now`. */
  verify(token: string, now: number): Promise<TokenClaims | undefined>;
}
