/** A gateway that has started: its routes, sockets and duties, and the order in which it drains and closes. */
import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { Accounts, Logger, Managers, ServiceLevels } from "@trueline/server";
import type { FastifyInstance } from "fastify";
import { startDuties } from "./duties.ts";
import { registerAdminRoutes } from "./http/admin-routes.ts";
import { createApp } from "./http/app.ts";
import { registerAuthRoutes } from "./http/auth-routes.ts";
import { registerEventStreamRoute } from "./http/event-stream-route.ts";
import { registerOperationRoutes } from "./http/operation-routes.ts";
import { registerOverviewRoutes } from "./http/overview-routes.ts";
import { findPages, noPages } from "./http/pages.ts";
import { countRequests, type Requests } from "./http/requests.ts";
import { registerServiceLevelRoutes } from "./http/service-level-routes.ts";
import { registerThreadRoutes } from "./http/thread-routes.ts";
import { type Health, startHealth } from "./observe/health.ts";
import { startOverview } from "./observe/overview.ts";
import { startTracing } from "./observe/tracing.ts";
import { type GatewayOptions, isExternal } from "./options.ts";
import { assemble, type Parts } from "./parts.ts";
import { makeProbeAccounts, type ProbeAccounts } from "./probe-accounts.ts";
import { createSockets } from "./socket/upgrade.ts";
import { version } from "./version.ts";

export interface RunningGateway {
  /** Resolves when the runs that a crash left open were taken over. Requests are served before that. */
  readonly ready: Promise<void>;
  handle(request: IncomingMessage, response: ServerResponse): void;
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  readonly pages: ReadonlySet<string>;
  counts(): ReturnType<Managers["counts"]>;
  readonly serviceLevels: ServiceLevels;
  probeAccounts(): Promise<ProbeAccounts | undefined>;
  drain(): Promise<void>;
  close(): Promise<void>;
}

export async function startGateway(options: GatewayOptions): Promise<RunningGateway> {
  const stopTracing = options.tracesEndpoint
    ? startTracing({ endpoint: options.tracesEndpoint, serviceName: "trueline", version })
    : undefined;
  const parts = await assemble(options);
  const { engine, stores, serviceLevels, access, logger } = parts;
  let isTakingOver = true;
  const health = startHealth({
    writeToStore: () => writeGrant(stores.accounts, engine.clock.now()),
    commitsFailingForMs: parts.commits.failingForMs,
    onStoreFailure: (error) => logger.error({ err: error }, "the store cannot be written"),
    isDraining: () => engine.draining,
    isStarting: () => isTakingOver,
    usersLeft: () => engine.managers.usersLeft,
  });
  const overview = startOverview(parts.metrics.registry, engine.clock);
  const pages = options.pages ? findPages(logger) : noPages;
  const app = createApp(engine);
  const requests = countRequests(app);
  registerRoutes(app, parts, { options, health, overview });
  pages.register(app);
  await app.ready();
  const sockets = createSockets(engine, requests);
  const stopRevoking = engine.authenticator.onRevoked(({ user, session, reason }) =>
    engine.managers.revoke({ user, ...(session === null ? {} : { session }), reason }),
  );
  const stopAccess = engine.authenticator.start();
  const ready = engine.managers.takeOver().then((runs) => {
    isTakingOver = false;
    if (runs > 0) logger.info({ runs }, "runs that a crash left open were taken over");
  });
  const stopDuties = startDuties({ ...engine, ...stores, serviceLevels, logger });

  /** One that fails must not keep the others from giving back what they have. */
  async function close(): Promise<void> {
    const steps = [
      () => endRequests(requests, logger),
      sockets.close,
      stopDuties,
      stopAccess,
      stopRevoking,
      overview.stop,
      health.stop,
      () => app.close(),
      () => serviceLevels.flush(),
      () => engine.audit.flush(),
      () => stores.close(),
      () => stopTracing?.(),
    ];
    for (const step of steps) {
      try {
        await step();
      } catch (error) {
        logger.error({ err: error }, "closing met an error, and went on");
      }
    }
  }

  return {
    ready,
    handle: requests.take,
    upgrade: sockets.upgrade,
    pages: pages.paths,
    counts: () => engine.managers.counts(),
    serviceLevels,
    probeAccounts: async () => access && makeProbeAccounts(access.administration),
    drain: () => drain(parts),
    close,
  };
}

/** How long closing waits for requests that are under way, milliseconds. */
const requestGraceMs = 5_000;

/** They need the store, which is closed after them. */
async function endRequests(requests: Requests, logger: Logger): Promise<void> {
  const left = await requests.stop(requestGraceMs);
  if (left > 0)
    logger.warn({ left, requestGraceMs }, "requests were still under way when the gateway closed");
}

interface RouteParts {
  readonly options: GatewayOptions;
  readonly health: Health;
  readonly overview: ReturnType<typeof startOverview>;
}

function registerRoutes(
  app: FastifyInstance,
  { engine, metrics, serviceLevels, access, oidc }: Parts,
  { options, health, overview }: RouteParts,
): void {
  const { accounts = {}, metricsToken } = options;
  registerOperationRoutes(app, { engine, health, metrics, metricsToken, version });
  registerAuthRoutes(app, engine, access, oidc);
  registerAdminRoutes(app, engine, access);
  registerThreadRoutes(app, engine);
  registerEventStreamRoute(app, engine);
  const demo = !isExternal(accounts) && accounts.demo === true;
  registerOverviewRoutes(app, {
    engine,
    overview,
    serviceLevels,
    version,
    passwordLogin: access !== undefined,
    identityProvider: oidc?.name,
    demo,
  });
  registerServiceLevelRoutes(app, engine, serviceLevels);
}

/** How far apart clients come back: a millisecond for each, within bounds. */
const spreadOf = (connections: number): number => Math.min(30_000, Math.max(500, connections));

async function drain({ engine, logger }: Parts): Promise<void> {
  const { managers, limits } = engine;
  engine.draining = true;
  const { connections, runs } = managers.counts();
  logger.info({ connections, runs }, "draining");
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<"late">((resolve) => {
    timer = setTimeout(() => resolve("late"), limits.drainGraceMs);
  });
  const outcome = await Promise.race([managers.drain(spreadOf(connections)), late]);
  clearTimeout(timer);
  if (outcome !== "late") return;
  logger.warn({ drainGraceMs: limits.drainGraceMs }, "runs go on at their next start");
  // Before the store is closed: a run that still wrote would end of its failure, and not go on.
  managers.abandon();
}

/** A write through the same file, lane and disk as everything else; gone again at once. */
async function writeGrant(accounts: Accounts, now: number): Promise<void> {
  const hash = `readyz-${randomUUID()}`;
  await accounts.putGrant({ kind: "ticket", user: null, hash, value: "null", expiresAt: now + 60_000 });
  await accounts.takeGrant("ticket", hash, now);
}
