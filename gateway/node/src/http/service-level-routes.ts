/** The probe's walks and the service levels, for administrators (HC2, HC3). Both come from recorded facts alone. */
import type { ServiceLevels } from "@trueline/server";
import type { FastifyInstance } from "fastify";
import type { Engine } from "../engine.ts";
import { administrator, queryOf, read } from "./admin-routes.ts";
import { operations } from "./operations.ts";
import { serve } from "./serve.ts";

export function registerServiceLevelRoutes(
  app: FastifyInstance,
  engine: Engine,
  levels: ServiceLevels,
): void {
  serve(app, engine, "listProbes", async ({ caller, address, request }) => {
    const { from, to, limit } = queryOf(operations.listProbes.query, request.query);
    await read(engine, caller, address, { what: "probes" });
    const bounds = { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
    return { probes: [...(await levels.probes({ ...bounds, limit }))] };
  });
  serve(app, engine, "recordProbe", async ({ caller, address, body }) => {
    const by = administrator(caller, address);
    const detail = { outcome: body.outcome };
    await engine.audit.append({ action: "probe_recorded", user: caller.user.id, ...by, detail });
    await levels.recordProbe(body);
  });
  serve(app, engine, "getServiceLevels", async ({ caller, address, request }) => {
    const now = engine.clock.now();
    const { from = now - thirtyDaysMs, to = now } = queryOf(operations.getServiceLevels.query, request.query);
    administrator(caller, address);
    return levels.report({ from, to });
  });
}

const thirtyDaysMs = 30 * 24 * 3_600_000;
