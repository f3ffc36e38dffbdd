/** A team's own accounts (AU6): the options by which it names them, and the check of tokens by a JWKS address. */
import { type ExternalUser, externalUserSchema, type VerifyUser } from "@trueline/server";
import { createRemoteJWKSet, errors, type JWTPayload, jwtVerify } from "jose";

export interface JwksAccounts {
  /** Where the public keys of the identity provider are: `https://id.example/.well-known/jwks.json`. */
  readonly jwksUrl: string;
  /** What the token's `iss` must be. Absent: any that these keys sign. */
  readonly issuer?: string;
  /** What the token's `aud` must name. Absent: any; then tokens made for other services get in too. */
  readonly audience?: string;
  /** The claim that holds the role: `administrator` in it, or in a list there, makes one. Absent: everyone is a user. */
  readonly roleClaim?: string;
  /** Seconds by which the clocks of the two may differ. Default 5. */
  readonly clockToleranceSeconds?: number;
}

export type ExternalAccounts = JwksAccounts | { readonly verify: VerifyUser };

/** Signatures with a public key only: with a shared secret, whoever can check tokens can make them. */
const algorithms = [
  "EdDSA",
  "Ed25519",
  "ES256",
  "ES384",
  "ES512",
  "PS256",
  "PS384",
  "PS512",
  "RS256",
  "RS384",
  "RS512",
];

export function verifierOf(accounts: ExternalAccounts): VerifyUser {
  return "verify" in accounts ? accounts.verify : jwksVerifier(accounts);
}

function jwksVerifier(accounts: JwksAccounts): VerifyUser {
  const { jwksUrl, issuer, audience, roleClaim, clockToleranceSeconds = 5 } = accounts;
  const keys = createRemoteJWKSet(new URL(jwksUrl));
  const options = {
    algorithms,
    clockTolerance: clockToleranceSeconds,
    requiredClaims: ["sub"],
    ...(issuer === undefined ? {} : { issuer }),
    ...(audience === undefined ? {} : { audience }),
  };
  return async (token) => {
    if (token === undefined) return undefined;
    try {
      const { payload } = await jwtVerify(token, keys, options);
      return userOf(payload, roleClaim, clockToleranceSeconds);
    } catch (error) {
      if (isRefusal(error)) return undefined;
      throw error;
    }
  };
}

/** That a token is bad is the client's affair; that the keys cannot be had is ours, and is logged. */
const isRefusal = (error: unknown): boolean =>
  error instanceof errors.JOSEError &&
  !(error instanceof errors.JWKSTimeout || error instanceof errors.JWKSInvalid) &&
  error.code !== "ERR_JOSE_GENERIC";

/** What is let in after its time because clocks differ ends that much later too. */
function userOf(payload: JWTPayload, roleClaim: string | undefined, toleranceSeconds: number): ExternalUser {
  const { sub = "", email, name, exp } = payload;
  const roles = roleClaim === undefined ? [] : [payload[roleClaim]].flat();
  return externalUserSchema.parse({
    id: sub,
    ...(typeof email === "string" ? { email } : {}),
    ...(typeof name === "string" ? { name } : {}),
    role: roles.includes("administrator") ? "administrator" : "user",
    ...(exp === undefined ? {} : { expiresAt: (exp + toleranceSeconds) * 1000 }),
  });
}
