/**
 * Sign-in at a company's identity provider (AU1): OpenID Connect, authorization code with PKCE, state and nonce.
 *
 *   page     GET  /v1/auth/oidc/start     → the provider; cookie `trueline_oidc_flow` binds what follows to this browser
 *   provider GET  /v1/auth/oidc/callback  → `/#signed-in`; cookie `trueline_oidc_session` holds a code, once, for 60 s
 *   page     POST /v1/auth/oidc/session   → tokens, as after a login
 *
 * So no token and no code of ours ever stands in a URL: what the page gets through is a cookie that scripts cannot read,
 * that is sent to that one route only, and that no other site can make the browser send. A sign-in that is refused
 * leads to `/#sign-in-refused=<error code>`.
 *
 * Whose account it is, the pair of issuer and subject says, and nothing else. An e-mail address never leads to an account.
 */
import { type ErrorCode, type SessionResponse, TruelineError } from "@trueline/protocol";
import type { Access, Logger, ProvenSubject } from "@trueline/server";
import * as client from "openid-client";
import { formatCookie } from "./cookies.ts";

export interface OidcOptions {
  readonly issuer: string;
  /** What people call it: the page says "Continue with <name>". Default: the issuer's host. */
  readonly name?: string;
  readonly clientId: string;
  /** Absent: a public client, which PKCE alone protects. */
  readonly clientSecret?: string;
  /** Where browsers reach this gateway: `https://chat.example`. Register `<publicUrl>/v1/auth/oidc/callback` there. */
  readonly publicUrl: string;
  /** Default `openid email profile`. */
  readonly scope?: string;
  /** Whether somebody new gets an account. Default true. */
  readonly signUp?: boolean;
  /** Take the provider's e-mail addresses as verified, though it does not say so (Entra ID). Default false. */
  readonly trustEmail?: boolean;
}

export interface OidcLogin {
  /** For people. */
  readonly name: string;
  /** Where to send the browser, with which cookies. */
  start(): Promise<Redirect>;
  /** The same for a browser: when it cannot begin, back to the page that says why. */
  startOrReturn(address: string): Promise<Redirect>;
  /** `query`: of the callback, with its `?`. Whatever happens, the answer is a redirect to the page. */
  callback(query: string, flow: string | undefined, address: string): Promise<Redirect>;
  /** Throws `unauthorized` for a code that is none, was used, or is too old. */
  session(code: string, address: string): Promise<SessionResponse>;
  /** For `Set-Cookie`, with the answer to the former. */
  readonly forgetSession: string;
}

export interface Redirect {
  readonly location: string;
  /** For `Set-Cookie`. */
  readonly cookies: readonly string[];
}

export const oidcCookies = { flow: "trueline_oidc_flow", session: "trueline_oidc_session" } as const;

const paths = { flow: "/v1/auth/oidc", session: "/v1/auth/oidc/session", callback: "/v1/auth/oidc/callback" };
/** How long somebody may take to sign in there. */
const flowSeconds = 10 * 60;
const codeSeconds = 60;

interface Flow {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

export function createOidcLogin(options: OidcOptions, access: Access, logger: Logger): OidcLogin {
  const { publicUrl, scope = "openid email profile", signUp = true } = options;
  const secure = publicUrl.startsWith("https:");
  const configuration = once(() => discover(options));

  const flowCookie = (value: string, seconds: number) =>
    formatCookie(oidcCookies.flow, value, { path: paths.flow, seconds, secure, sameSite: "Lax" });
  const sessionCookie = (value: string, seconds: number) =>
    formatCookie(oidcCookies.session, value, { path: paths.session, seconds, secure, sameSite: "Strict" });

  async function start(): Promise<Redirect> {
    const config = await configuration();
    const verifier = client.randomPKCECodeVerifier();
    const flow: Flow = { state: client.randomState(), nonce: client.randomNonce(), verifier };
    const location = client.buildAuthorizationUrl(config, {
      redirect_uri: new URL(paths.callback, publicUrl).href,
      scope,
      state: flow.state,
      nonce: flow.nonce,
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: "S256",
    });
    const cookie = await access.grants.give({
      kind: "oidc_flow",
      user: null,
      value: flow,
      seconds: flowSeconds,
    });
    return { location: location.href, cookies: [flowCookie(cookie, flowSeconds)] };
  }

  async function callback(query: string, cookie: string | undefined, address: string): Promise<Redirect> {
    try {
      const flow = cookie && ((await access.grants.take("oidc_flow", cookie)) as Flow | undefined);
      if (!flow)
        throw new TruelineError("unauthorized", "this sign-in was not begun in this browser, or is too old");
      const subject = await proven(
        await configuration(),
        new URL(`${paths.callback}${query}`, publicUrl),
        flow,
        options,
      );
      const user = await access.admit(subject, { signUp }, address);
      const code = await access.grants.give({
        kind: "oidc_session",
        user,
        value: { user },
        seconds: codeSeconds,
      });
      return { location: "/#signed-in", cookies: [flowCookie("", 0), sessionCookie(code, codeSeconds)] };
    } catch (error) {
      return refused(error, address);
    }
  }

  function refused(error: unknown, address: string): Redirect {
    const code = codeOf(error);
    logger.warn({ err: error, code, address }, "a sign-in at the identity provider was refused");
    return { location: `/#sign-in-refused=${code}`, cookies: [flowCookie("", 0)] };
  }

  return {
    name: options.name ?? new URL(options.issuer).hostname,
    start,
    startOrReturn: (address) => start().catch((error: unknown) => refused(error, address)),
    callback,
    forgetSession: sessionCookie("", 0),
    async session(code, address) {
      const grant = await access.grants.take("oidc_session", code);
      if (!grant) throw new TruelineError("unauthorized", "sign in at the identity provider first");
      const { user } = grant as { user: Parameters<Access["loginAdmitted"]>[0] };
      return access.loginAdmitted(user, address);
    },
  };
}

/** Plain HTTP is for a provider on this machine, as in tests; anywhere else tokens would be open to the network. */
async function discover({ issuer, clientId, clientSecret }: OidcOptions): Promise<client.Configuration> {
  const server = new URL(issuer);
  const loopback = ["localhost", "127.0.0.1", "[::1]"].includes(server.hostname);
  const execute = [client.enableNonRepudiationChecks];
  if (server.protocol === "http:" && loopback) execute.push(client.allowInsecureRequests);
  const authentication = clientSecret === undefined ? client.None() : client.ClientSecretPost(clientSecret);
  try {
    return await client.discovery(server, clientId, undefined, authentication, { execute });
  } catch (cause) {
    const message = "The identity provider does not answer as one.";
    throw new TruelineError("identity_provider_failed", message, undefined, { cause });
  }
}

async function proven(
  config: client.Configuration,
  url: URL,
  { state, nonce, verifier }: Flow,
  { trustEmail = false }: OidcOptions,
): Promise<ProvenSubject> {
  const tokens = await client.authorizationCodeGrant(config, url, {
    pkceCodeVerifier: verifier,
    expectedState: state,
    expectedNonce: nonce,
    idTokenExpected: true,
  });
  const claims = tokens.claims();
  if (!claims) throw new TruelineError("unauthorized", "the identity provider gave no ID token");
  const { iss: issuer, sub: subject } = claims;
  const about = claims.email === undefined ? await userInfo(config, tokens.access_token, subject) : claims;
  const { email, email_verified: verified, name } = about;
  const good = typeof email === "string" && (verified === true || trustEmail);
  return { issuer, subject, ...(good ? { email } : {}), ...(typeof name === "string" ? { name } : {}) };
}

/** Many providers tell the e-mail address only here. */
async function userInfo(
  config: client.Configuration,
  token: string,
  subject: string,
): Promise<client.UserInfoResponse> {
  if (config.serverMetadata().userinfo_endpoint === undefined) return { sub: subject };
  return client.fetchUserInfo(config, token, subject);
}

/** What the provider or the browser did wrong ends as `unauthorized`; why stands in the log. */
function codeOf(error: unknown): ErrorCode {
  return error instanceof TruelineError ? error.code : "unauthorized";
}

/** The first success is kept; a failure is tried afresh by the next caller. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make().catch((error) => {
      made = undefined;
      throw error;
    });
    return made;
  };
}
