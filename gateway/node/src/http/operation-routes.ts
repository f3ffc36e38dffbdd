/** The routes for those who run a gateway: health, readiness, metrics, and the contract as OpenAPI. */
import { timingSafeEqual } from "node:crypto";
import { TruelineError } from "@trueline/protocol";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Engine } from "../engine.ts";
import type { Health } from "../observe/health.ts";
import type { Metrics } from "../observe/metrics.ts";
import { openApiDocument } from "./openapi.ts";
import { operations } from "./operations.ts";
import { bearerOf, clientAddress } from "./request-facts.ts";
import { callerOf } from "./serve.ts";

export interface OperationRoutesOptions {
  readonly engine: Engine;
  readonly health: Health;
  readonly metrics: Metrics;
  readonly metricsToken: string | undefined;
  readonly version: string;
}

export function registerOperationRoutes(app: FastifyInstance, options: OperationRoutesOptions): void {
  const { engine, health, metrics, version } = options;
  const openApi = JSON.stringify(openApiDocument(version));
  app.get(operations.getOpenApi.path, (_request, reply) => reply.type("application/json").send(openApi));
  app.get(operations.getHealth.path, async (_request, reply) => {
    const liveness = await health.live();
    return reply.code(liveness.ok ? 200 : 503).send(liveness);
  });
  app.get(operations.getReadiness.path, async (_request, reply) => {
    const readiness = await health.ready();
    return reply.code(readiness.ready ? 200 : 503).send(readiness);
  });
  app.get(operations.getMetrics.path, async (request, reply) => {
    await mayReadMetrics(engine, request, options.metricsToken);
    return reply.type(metrics.registry.contentType).send(await metrics.registry.metrics());
  });
  app.addHook("onResponse", async (request, reply) => {
    const route = request.routeOptions.url ?? "unknown";
    metrics.httpServed(route, request.method, reply.statusCode, reply.elapsedTime);
  });
}

/** Who stands on the machine, who has the token, or an administrator. */
async function mayReadMetrics(
  engine: Engine,
  request: FastifyRequest,
  token: string | undefined,
): Promise<void> {
  const bearer = bearerOf(request.raw);
  if (token !== undefined && bearer !== undefined && sameText(bearer, token)) return;
  const address = clientAddress(request.raw, engine.trustedProxies);
  if (bearer === undefined && token === undefined && isLoopback(address) && isDirect(request)) return;
  if (bearer === undefined)
    throw new TruelineError("unauthorized", "Metrics need the metrics token or an administrator's.");
  const { user } = await callerOf(engine, request);
  if (user.role !== "administrator") throw new TruelineError("forbidden", "Metrics are for administrators.");
  engine.audit.record({
    action: "admin_read",
    user: null,
    by: user.id,
    address,
    detail: { what: "metrics" },
  });
}

/** A proxy on the same machine, trusted or not, brings strangers from loopback. */
const isDirect = ({ headers }: FastifyRequest): boolean =>
  headers["x-forwarded-for"] === undefined && headers.forwarded === undefined;

export const isLoopback = (address: string): boolean =>
  /^(::ffff:)?127\./.test(address) || address === "::1" || address === "localhost";

function sameText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
