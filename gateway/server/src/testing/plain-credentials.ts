/** A `PasswordHasher` and a `TokenSigner` without cryptography, for tests that are not about it. Never in the product. */
import type { PasswordHasher, TokenClaims, TokenSigner } from "../ports/credentials.ts";

export const plainHasher: PasswordHasher = {
  hash: async (password) => `plain:${password}`,
  verify: async (hash, password) => hash === `plain:${password}`,
};

export const plainSigner: TokenSigner = {
  sign: async (claims, { expiresAt }) => JSON.stringify({ ...claims, expiresAt }),
  async verify(token, now) {
    if (!token.startsWith("{")) return undefined;
    const { expiresAt, ...claims } = JSON.parse(token) as TokenClaims & { expiresAt: number };
    return now < expiresAt ? claims : undefined;
  },
};
