/**
 * Signing in and out, tickets, the own password. With a team's own accounts only the ticket and `me` are served; the rest
 * does not exist there. Rules of access are in the server package; here a request is counted, and handed on.
 */
import { setTimeout } from "node:timers/promises";
import { TruelineError } from "@trueline/protocol";
import type { Access } from "@trueline/server";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { readCookie } from "../auth/cookies.ts";
import { type OidcLogin, oidcCookies, type Redirect } from "../auth/oidc.ts";
import type { Engine } from "../engine.ts";
import { bearerOf, requestFacts } from "./request-facts.ts";
import { serve, serveOpen } from "./serve.ts";

export function registerAuthRoutes(
  app: FastifyInstance,
  engine: Engine,
  access?: Access,
  oidc?: OidcLogin,
): void {
  serve(app, engine, "issueTicket", async ({ caller, address }) => {
    await engine.rates.ticketFrom(address);
    await engine.rates.ticketOf(caller.user.id);
    return engine.authenticator.issueTicket(caller, address);
  });
  serve(app, engine, "getMe", async ({ caller: { user, expiresAt } }) => ({
    user,
    ...(expiresAt === undefined ? {} : { expiresAt: new Date(expiresAt).toISOString() }),
  }));
  if (access) registerPasswordRoutes(app, engine, access);
  if (oidc) registerOidcRoutes(app, engine, oidc);
}

function registerPasswordRoutes(app: FastifyInstance, engine: Engine, access: Access): void {
  serveOpen(app, engine, "login", async ({ body, address }) => {
    await engine.rates.loginFrom(address);
    return attempt(engine, address, body.email, () => access.login(body, address));
  });
  serveOpen(app, engine, "refresh", async ({ body, address }) => {
    await engine.rates.loginFrom(address);
    return access.refresh(body.refreshToken, address);
  });
  serveOpen(app, engine, "logout", async ({ body: { refreshToken }, request, address }) => {
    if (refreshToken !== undefined) return access.logoutByRefreshToken(refreshToken, address);
    const facts = requestFacts(request.raw, engine.trustedProxies);
    await access.logout(await access.authenticate(bearerOf(request.raw), facts), address);
  });
  serve(app, engine, "changePassword", async ({ caller, body, address }) =>
    attempt(engine, address, caller.user.email, () => access.changePassword(caller, body, address)),
  );
}

/** Counts a wrong password. One that was refused unseen is in the audit log once a window, so that it cannot be flooded. */
async function attempt<T>(
  engine: Engine,
  address: string,
  email: string,
  work: () => Promise<T>,
): Promise<T> {
  const attempted = await engine.rates.passwordAttempt(address, email);
  if (!attempted.ok) {
    const { error, first } = attempted;
    if (first) await engine.audit.append({ action: "login_refused", address, detail: { code: error.code } });
    throw error;
  }
  if (attempted.slowMs > 0) await setTimeout(attempted.slowMs);
  const done = await work();
  await attempted.succeeded();
  return done;
}

function registerOidcRoutes(app: FastifyInstance, engine: Engine, oidc: OidcLogin): void {
  serveOpen(app, engine, "startOidc", async ({ address, request, reply }) => {
    await engine.rates.loginFrom(address);
    redirect(reply, await (isNavigation(request) ? oidc.startOrReturn(address) : oidc.start()));
  });
  serveOpen(app, engine, "finishOidc", async ({ address, request, reply }) => {
    await engine.rates.loginFrom(address);
    const query = new URL(request.url, "http://callback").search;
    redirect(reply, await oidc.callback(query, readCookie(request.raw, oidcCookies.flow), address));
  });
  serveOpen(app, engine, "openOidcSession", async ({ address, request, reply }) => {
    await engine.rates.loginFrom(address);
    const code = readCookie(request.raw, oidcCookies.session);
    if (code === undefined) throw new TruelineError("unauthorized", "sign in at the identity provider first");
    reply.header("set-cookie", oidc.forgetSession);
    return oidc.session(code, address);
  });
}

/** A person who followed a link wants a page, not our JSON. */
const isNavigation = ({ headers }: FastifyRequest): boolean => headers.accept?.includes("text/html") === true;

function redirect(reply: FastifyReply, { location, cookies }: Redirect): void {
  reply.header("set-cookie", [...cookies]).header("location", location);
}
