/**
 * Every HTTP call of the gateway in one table: what it takes, what it answers, who may call it. Routes are served from it,
 * OpenAPI is generated from it, and 405 is told from 404 by it. Nothing else says what a call looks like.
 */
import {
  adminUsersResponseSchema,
  adminUserViewSchema,
  agentListResponseSchema,
  auditResponseSchema,
  changePasswordRequestSchema,
  createThreadRequestSchema,
  type ErrorCode,
  infoResponseSchema,
  loginRequestSchema,
  logoutRequestSchema,
  meResponseSchema,
  overviewResponseSchema,
  probeReportSchema,
  probesResponseSchema,
  refreshRequestSchema,
  renameThreadRequestSchema,
  runViewSchema,
  sendRequestSchema,
  sendResponseSchema,
  serviceLevelsResponseSchema,
  sessionResponseSchema,
  threadListResponseSchema,
  threadResponseSchema,
  ticketResponseSchema,
} from "@trueline/protocol";
import type { z } from "zod";

export interface Operation {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  /** Parameters as `:name`. */
  readonly path: string;
  readonly summary: string;
  /** `bearer`: with an access token. */
  readonly access: "public" | "bearer";
  readonly body?: z.ZodType;
  /** Whether a body may be left out. */
  readonly bodyOptional?: true;
  readonly status: number;
  /** Absent: the answer has no body, or one that is not JSON. */
  readonly answer?: z.ZodType;
  /** Of an answer that is not JSON. */
  readonly mediaType?: string;
  /** Beside those that every call can have. */
  readonly errors: readonly ErrorCode[];
}

export const operations = {
  login: {
    method: "POST",
    path: "/v1/auth/login",
    summary: "Signs in with e-mail and password.",
    access: "public",
    body: loginRequestSchema,
    status: 200,
    answer: sessionResponseSchema,
    errors: ["invalid_credentials", "rate_limited"],
  },
  refresh: {
    method: "POST",
    path: "/v1/auth/refresh",
    summary: "Trades a refresh token for new tokens. Each refresh token is good once.",
    access: "public",
    body: refreshRequestSchema,
    status: 200,
    answer: sessionResponseSchema,
    errors: ["unauthorized", "rate_limited"],
  },
  logout: {
    method: "POST",
    path: "/v1/auth/logout",
    summary:
      "Ends the session of the access token, or else of the refresh token, and closes its connections.",
    access: "public",
    body: logoutRequestSchema,
    bodyOptional: true,
    status: 204,
    errors: ["unauthorized"],
  },
  changePassword: {
    method: "POST",
    path: "/v1/auth/password",
    summary: "Changes the caller's own password. All other sessions of the user end.",
    access: "bearer",
    body: changePasswordRequestSchema,
    status: 204,
    errors: ["invalid_credentials", "forbidden", "rate_limited"],
  },
  getMe: {
    method: "GET",
    path: "/v1/auth/me",
    summary: "Who the caller is.",
    access: "bearer",
    status: 200,
    answer: meResponseSchema,
    errors: [],
  },
  startOidc: {
    method: "GET",
    path: "/v1/auth/oidc/start",
    summary: "Sends the browser to the company's identity provider.",
    access: "public",
    status: 303,
    errors: ["not_found", "rate_limited", "identity_provider_failed"],
  },
  finishOidc: {
    method: "GET",
    path: "/v1/auth/oidc/callback",
    summary:
      "Where the identity provider sends the browser back to. Goes on to `/#signed-in`, or to `/#sign-in-refused=<code>`.",
    access: "public",
    status: 303,
    errors: ["not_found", "rate_limited"],
  },
  openOidcSession: {
    method: "POST",
    path: "/v1/auth/oidc/session",
    summary: "Trades the cookie of a finished sign-in at the identity provider for tokens, once.",
    access: "public",
    status: 200,
    answer: sessionResponseSchema,
    errors: ["unauthorized", "forbidden", "not_found", "rate_limited"],
  },
  issueTicket: {
    method: "POST",
    path: "/v1/auth/ticket",
    summary: "Gives a single-use ticket for GET /v1/ws.",
    access: "bearer",
    status: 200,
    answer: ticketResponseSchema,
    errors: ["rate_limited"],
  },
  listThreads: {
    method: "GET",
    path: "/v1/threads",
    summary: "Lists the caller's threads, the one used last first.",
    access: "bearer",
    status: 200,
    answer: threadListResponseSchema,
    errors: [],
  },
  createThread: {
    method: "POST",
    path: "/v1/threads",
    summary: "Makes a thread.",
    access: "bearer",
    body: createThreadRequestSchema,
    bodyOptional: true,
    status: 201,
    answer: threadResponseSchema,
    errors: [],
  },
  getThread: {
    method: "GET",
    path: "/v1/threads/:id",
    summary: "A thread with its messages and open runs, and the position at which all of it is true.",
    access: "bearer",
    status: 200,
    answer: threadResponseSchema,
    errors: ["not_found"],
  },
  renameThread: {
    method: "PATCH",
    path: "/v1/threads/:id",
    summary: "Renames a thread.",
    access: "bearer",
    body: renameThreadRequestSchema,
    status: 200,
    answer: threadResponseSchema,
    errors: ["not_found"],
  },
  deleteThread: {
    method: "DELETE",
    path: "/v1/threads/:id",
    summary: "Cancels the runs of a thread, then deletes it.",
    access: "bearer",
    status: 204,
    errors: ["not_found"],
  },
  sendMessage: {
    method: "POST",
    path: "/v1/threads/:id/messages",
    summary:
      "Sends a message; `new` as the id makes a thread for it. The same message id gives the same answer again.",
    access: "bearer",
    body: sendRequestSchema,
    status: 202,
    answer: sendResponseSchema,
    errors: ["not_found", "unknown_agent", "id_reused", "rate_limited", "run_limit", "token_limit"],
  },
  getRun: {
    method: "GET",
    path: "/v1/runs/:id",
    summary: "The state of a run.",
    access: "bearer",
    status: 200,
    answer: runViewSchema,
    errors: ["not_found"],
  },
  cancelRun: {
    method: "POST",
    path: "/v1/runs/:id/cancel",
    summary: "Cancels a run and gives its state.",
    access: "bearer",
    status: 200,
    answer: runViewSchema,
    errors: ["not_found", "run_ended"],
  },
  listAgents: {
    method: "GET",
    path: "/v1/agents",
    summary: "The registered agents.",
    access: "bearer",
    status: 200,
    answer: agentListResponseSchema,
    errors: [],
  },
  streamEvents: {
    method: "GET",
    path: "/v1/events",
    summary:
      "The caller's event log as server-sent events, from Last-Event-ID (`<epoch>:<seq>`) or live. The data of each is an event, or a `reset` frame.",
    access: "bearer",
    status: 200,
    mediaType: "text/event-stream",
    errors: ["connection_limit", "rate_limited", "origin_not_allowed"],
  },
  openSocket: {
    method: "GET",
    path: "/v1/ws",
    summary:
      "Opens a WebSocket of the subprotocol `trueline.v1`, by `?ticket=` or bearer. The frames are ClientFrame and ServerFrame.",
    access: "public",
    status: 101,
    errors: ["unauthorized", "origin_not_allowed", "connection_limit", "rate_limited"],
  },
  listUsers: {
    method: "GET",
    path: "/v1/admin/users",
    summary: "The accounts, in the order of their ids: `?after=&limit=`. For administrators.",
    access: "bearer",
    status: 200,
    answer: adminUsersResponseSchema,
    errors: ["forbidden", "not_found"],
  },
  disableUser: {
    method: "POST",
    path: "/v1/admin/users/:id/disable",
    summary: "Disables an account, ends its sessions and closes its connections. For administrators.",
    access: "bearer",
    status: 200,
    answer: adminUserViewSchema,
    errors: ["forbidden", "not_found"],
  },
  enableUser: {
    method: "POST",
    path: "/v1/admin/users/:id/enable",
    summary: "Lets a disabled account sign in again. For administrators.",
    access: "bearer",
    status: 200,
    answer: adminUserViewSchema,
    errors: ["forbidden", "not_found"],
  },
  revokeUser: {
    method: "POST",
    path: "/v1/admin/users/:id/revoke",
    summary: "Ends all sessions of a user and closes their connections. For administrators.",
    access: "bearer",
    status: 200,
    answer: adminUserViewSchema,
    errors: ["forbidden", "not_found"],
  },
  searchAudit: {
    method: "GET",
    path: "/v1/admin/audit",
    summary: "The audit log, newest first: `?user=&action=&from=&to=&before=&limit=`. For administrators.",
    access: "bearer",
    status: 200,
    answer: auditResponseSchema,
    errors: ["forbidden"],
  },
  getOverview: {
    method: "GET",
    path: "/v1/admin/overview",
    summary: "The numbers of /metrics and their last half hour. For administrators.",
    access: "bearer",
    status: 200,
    answer: overviewResponseSchema,
    errors: ["forbidden"],
  },
  listProbes: {
    method: "GET",
    path: "/v1/admin/probes",
    summary:
      "Walks of the golden path that were recorded, newest first: `?from=&to=&limit=`. For administrators.",
    access: "bearer",
    status: 200,
    answer: probesResponseSchema,
    errors: ["forbidden", "invalid_request"],
  },
  recordProbe: {
    method: "POST",
    path: "/v1/admin/probes",
    summary: "Records a walk of the golden path, as the probe reports it. For administrators.",
    access: "bearer",
    body: probeReportSchema,
    status: 204,
    errors: ["forbidden"],
  },
  getServiceLevels: {
    method: "GET",
    path: "/v1/admin/service-levels",
    summary:
      "How far the service levels were kept: `?from=&to=`, by default the last 30 days. For administrators.",
    access: "bearer",
    status: 200,
    answer: serviceLevelsResponseSchema,
    errors: ["forbidden", "invalid_request"],
  },
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
    summary: "Whether the process answers: measured event-loop delay, memory and uptime.",
    access: "public",
    status: 200,
    mediaType: "application/json",
    errors: [],
  },
  getReadiness: {
    method: "GET",
    path: "/readyz",
    summary: "Whether the gateway can serve: 200, or 503 with the checks that failed.",
    access: "public",
    status: 200,
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
    errors: ["unauthorized"],
  },
} as const satisfies Record<string, Operation>;

export type OperationName = keyof typeof operations;

const matchers = Object.values(operations).map(({ method, path }) => ({
  method,
  path,
  pattern: new RegExp(`^${path.replaceAll(/:\w+/g, "[^/]+").replaceAll(".", "\\.")}/?$`),
}));

/** The operations at a path, whatever their method; none when there is no such path. */
export function operationsAt(path: string): readonly Pick<Operation, "method" | "path">[] {
  return matchers.filter(({ pattern }) => pattern.test(path));
}
