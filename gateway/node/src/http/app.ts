/**
 * The HTTP side: fastify with our rules. Every answer that is an error has the one error body; every answer carries the
 * security headers and a request id; only allowed origins get in. Routes are registered by gateway.ts.
 */
import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { type ErrorCode, parseJson, TruelineError } from "@trueline/protocol";
import { StoreError } from "@trueline/stores";
import fastify, {
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from "fastify";
import type { Engine } from "../engine.ts";
import { operations, operationsAt } from "./operations.ts";
import { originNotAllowed } from "./origins.ts";
import { clientAddress, pathOf } from "./request-facts.ts";
import { knownCaller } from "./serve.ts";

export type HttpHandler = (request: IncomingMessage, response: ServerResponse) => void;

export function createApp(engine: Engine): FastifyInstance {
  const app = fastify({
    bodyLimit: engine.limits.frameBytes,
    genReqId: requestId,
    logger: false,
    forceCloseConnections: false,
    return503OnClosing: false,
    // An id of any length that fits a request line is one that does not exist, and says 404 (IS2).
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 16 * 1024 },
    frameworkErrors: (error, request, reply) => answerError(engine, error, request, reply),
  });
  parseJsonBodies(app);
  app.addHook("onRequest", async (request, reply) => {
    reply.header("x-request-id", request.id);
    reply.headers(securityHeaders);
    checkOrigin(engine, request, reply);
  });
  app.setErrorHandler((error: FastifyError, request, reply) => answerError(engine, error, request, reply));
  app.setNotFoundHandler((request, reply) => answerUnknownRoute(app, request, reply));
  return app;
}

/** Everything may be loaded from us and from nowhere else; `ws:` for browsers that do not count it as `'self'`. */
const contentSecurityPolicy = [
  "default-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self' ws: wss:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join("; ");

export const securityHeaders: Readonly<Record<string, string>> = {
  "content-security-policy": contentSecurityPolicy,
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cache-control": "no-store",
};

/** A caller's own id goes through, so that its logs and ours can be joined. */
function requestId(request: { headers: IncomingMessage["headers"] }): string {
  const given = request.headers["x-request-id"];
  return typeof given === "string" && /^[\w.:-]{1,100}$/.test(given) ? given : randomUUID();
}

function parseJsonBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("application/json", { parseAs: "string" }, (_request, text, done) => {
    if (text === "") {
      done(null, undefined);
      return;
    }
    const parsed = parseJson(text as string);
    if (parsed.ok) done(null, parsed.value);
    else done(new TruelineError("invalid_request", `The body is ${parsed.error}.`));
  });
  // Where no body is wanted, an empty one of any type is none: some clients name a type for every POST.
  app.addContentTypeParser("*", { parseAs: "string" }, (_request, text, done) => {
    if (text === "") done(null, undefined);
    else done(new TruelineError("invalid_request", notJson));
  });
}

function checkOrigin(engine: Engine, request: FastifyRequest, reply: FastifyReply): void {
  const { origin, host } = request.headers;
  if (origin === undefined || !pathOf(request.url).startsWith("/v1/")) return;
  reply.header("vary", "origin");
  if (!engine.origins.allows(origin, host)) throw originNotAllowed(origin);
  reply.header("access-control-allow-origin", origin);
  reply.header("access-control-expose-headers", "x-request-id, retry-after");
}

function answerUnknownRoute(app: FastifyInstance, request: FastifyRequest, reply: FastifyReply): void {
  const path = pathOf(request.url);
  const methods = methodsServed(app, path);
  if (methods.length === 0) {
    sendError(reply, new TruelineError("not_found", "There is no such route."));
    return;
  }
  const allowed = [...new Set([...methods, "OPTIONS"])].join(", ");
  reply.header("allow", allowed);
  if (request.method === "OPTIONS") {
    reply.header("access-control-allow-methods", allowed);
    reply.header("access-control-allow-headers", "authorization, content-type, last-event-id, x-request-id");
    reply.header("access-control-max-age", "600");
    reply.code(204).send();
    return;
  }
  sendError(reply, wrongMethod(request.method, path, allowed));
}

function wrongMethod(method: string, path: string, allowed: string): TruelineError {
  return path === operations.openSocket.path && method === "GET"
    ? new TruelineError("invalid_request", "This route is opened as a WebSocket: send Upgrade: websocket.")
    : new TruelineError(
        "method_not_allowed",
        `${method} is not among the methods of this route: ${allowed}.`,
      );
}

/** Not everything of the table is served by every gateway: a team's own accounts have no login here. */
function methodsServed(app: FastifyInstance, path: string): readonly string[] {
  return operationsAt(path)
    .filter(({ method, path: url }) => url === operations.openSocket.path || app.hasRoute({ method, url }))
    .map(({ method }) => method);
}

function answerError(
  engine: Engine,
  error: FastifyError | TruelineError,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  const told = toldError(error);
  if (told.code === "internal_error" || error.name === "StoreError") {
    engine.observer.logger.error({ err: error, requestId: request.id }, "a request failed");
  }
  if (told.status === 401 || told.status === 403) recordRefusal(engine, request, told.code);
  if (told.code === "unauthorized") reply.header("www-authenticate", "Bearer");
  sendError(reply, told);
}

/** Refused sign-ins, wrong passwords and connections have entries of their own. */
const recordedElsewhere: ReadonlySet<string> = new Set([
  operations.login.path,
  operations.changePassword.path,
  operations.streamEvents.path,
]);

/** Who was refused what over HTTP (IS5). */
function recordRefusal(engine: Engine, request: FastifyRequest, code: ErrorCode): void {
  const route = request.routeOptions.url;
  if (route !== undefined && recordedElsewhere.has(route)) return;
  engine.audit.record({
    action: "request_refused",
    user: knownCaller(request)?.user.id ?? null,
    address: clientAddress(request.raw, engine.trustedProxies),
    detail: { code, route: route ?? null, method: request.method },
  });
}

function sendError(reply: FastifyReply, error: TruelineError): void {
  if (error.retryAfterMs !== undefined) reply.header("retry-after", Math.ceil(error.retryAfterMs / 1000));
  reply.code(error.status).type("application/json; charset=utf-8").send(JSON.stringify(error.toBody()));
}

const notJson = "Bodies are JSON: send content-type: application/json.";

const frameworkCodes: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: ["payload_too_large", "The body is larger than this gateway takes."],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ["invalid_request", notJson],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: ["invalid_request", "The body is not as long as Content-Length says."],
  FST_ERR_BAD_URL: ["invalid_request", "The URL cannot be decoded."],
};

/** What a client is told; what only we need to know stays in the log (AU5). */
export function toldError(error: Error): TruelineError {
  if (error instanceof TruelineError) return error;
  if (error instanceof StoreError)
    return new TruelineError(
      "store_unavailable",
      "The store cannot be used at the moment. Nothing was changed.",
    );
  const known = frameworkCodes[(error as { code?: string }).code ?? ""];
  if (known) return new TruelineError(...known);
  const { statusCode } = error as { statusCode?: number };
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500)
    return new TruelineError("invalid_request", "The request cannot be understood.");
  return new TruelineError("internal_error", "The server failed on this request. Try again.");
}
