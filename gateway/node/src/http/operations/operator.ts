/** For those who run a gateway: what it is, whether it is well, its contract. */
import { infoResponseSchema } from "@trueline/protocol";
import type { Operation } from "./operation.ts";

export const operatorOperations = {
  getInfo: {
    method: "GET",
    path: "/v1/info",
    summary: "What anybody may know of this gateway, before signing in.",
    access: "public",
    status: 200,
    answer: infoResponseSchema,
    errors: [],
  },
  getOpenApi: {
    method: "GET",
    path: "/v1/openapi.json",
    summary: "This document.",
    access: "public",
    status: 200,
    mediaType: "application/json",
    errors: [],
  },
  getHealth: {
    method: "GET",
    path: "/healthz",
    summary:
      "Whether the process can serve: measured event-loop delay, commits of the event log, memory and uptime.",
    access: "public",
    status: 200,
    otherwise: { status: 503, when: "The event loop or the event log stands still: a restart can help." },
    mediaType: "application/json",
    errors: [],
  },
  getReadiness: {
    method: "GET",
    path: "/readyz",
    summary: "Whether the gateway can serve: 200, or 503 with the checks that failed.",
    access: "public",
    status: 200,
    otherwise: { status: 503, when: "Not ready: the checks say why." },
    mediaType: "application/json",
    errors: [],
  },
  getMetrics: {
    method: "GET",
    path: "/metrics",
    summary:
      "Metrics for Prometheus. Open on loopback; otherwise with the metrics token or an administrator's bearer.",
    access: "public",
    status: 200,
    mediaType: "text/plain",
    errors: ["unauthorized", "forbidden"],
  },
} as const satisfies Record<string, Operation>;
