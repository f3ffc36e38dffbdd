/** What administrators see and do. */
import {
  adminUsersResponseSchema,
  adminUserViewSchema,
  auditResponseSchema,
  overviewResponseSchema,
  probeReportSchema,
  probesResponseSchema,
  serviceLevelsResponseSchema,
} from "@trueline/protocol";
import { z } from "zod";
import type { Operation } from "./operation.ts";

const limit = (byDefault: number) => z.coerce.number().int().min(1).max(500).default(byDefault);
const time = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));
const period = z.strictObject({ from: time.optional(), to: time.optional() });

export const adminOperations = {
  listUsers: {
    method: "GET",
    path: "/v1/admin/users",
    summary: "The accounts, in the order of their ids. For administrators.",
    access: "bearer",
    query: z.strictObject({ after: z.string().max(256).optional(), limit: limit(100) }),
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
    summary: "The audit log, newest first. `user`: an id or an e-mail. For administrators.",
    access: "bearer",
    query: period.extend({
      user: z.string().min(1).max(320).optional(),
      action: z.string().min(1).max(64).optional(),
      before: z.coerce.number().int().positive().optional(),
      limit: limit(50),
    }),
    status: 200,
    answer: auditResponseSchema,
    errors: ["forbidden", "not_found"],
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
    summary: "Walks of the golden path that were recorded, newest first. For administrators.",
    access: "bearer",
    query: period.extend({ limit: limit(50) }),
    status: 200,
    answer: probesResponseSchema,
    errors: ["forbidden"],
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
    summary: "How far the service levels were kept, by default the last 30 days. For administrators.",
    access: "bearer",
    query: period,
    status: 200,
    answer: serviceLevelsResponseSchema,
    errors: ["forbidden"],
  },
} as const satisfies Record<string, Operation>;
