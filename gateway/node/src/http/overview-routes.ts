/** What anybody may know of a gateway, and its numbers for administrators. */
import { demoPassword, type ServiceLevels } from "@trueline/server";
import type { FastifyInstance } from "fastify";
import type { Engine } from "../engine.ts";
import type { Overview } from "../observe/overview.ts";
import { administrator } from "./admin-routes.ts";
import { serve, serveOpen } from "./serve.ts";

export interface OverviewRoutesOptions {
  readonly engine: Engine;
  readonly overview: Overview;
  readonly serviceLevels: ServiceLevels;
  readonly version: string;
  readonly passwordLogin: boolean;
  /** Name of the identity provider; undefined without one. */
  readonly identityProvider: string | undefined;
  readonly demo: boolean;
}

export function registerOverviewRoutes(app: FastifyInstance, options: OverviewRoutesOptions): void {
  const { engine, overview, serviceLevels, version, passwordLogin, identityProvider, demo } = options;
  const demoUsers = { emails: ["ada@example.com", "bob@example.com"], password: demoPassword };
  serveOpen(app, engine, "getInfo", async () => ({
    name: "Trueline" as const,
    version,
    passwordLogin,
    ...(identityProvider === undefined ? {} : { identityProvider: { name: identityProvider } }),
    ...(demo ? { demo: demoUsers } : {}),
  }));
  serve(app, engine, "getOverview", async ({ caller, address }) => {
    // Totals of the node, asked for every few seconds while the page is open: nobody's data, and no entry in the audit log.
    administrator(caller, address);
    const walks = await serviceLevels.probes({ limit: 50 });
    const probes = walks.map(({ at, outcome, durationMs, message }) => {
      return { at, ok: outcome === "pass", durationMs, message };
    });
    return { ...(await overview.read()), version, probes };
  });
}
