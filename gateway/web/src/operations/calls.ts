/** What the operations page asks the gateway, as the administrator who is signed in. */
import type {
  AdminUsersResponse,
  AdminUserView,
  AuditResponse,
  Client,
  OverviewResponse,
  ServiceLevelsReport,
} from "@trueline/client";

export const loadOverview = (client: Client, signal: AbortSignal): Promise<OverviewResponse> =>
  client.call({ method: "GET", path: "/v1/admin/overview", signal });

/** Of the last 30 days. */
export const loadServiceLevels = (client: Client, signal: AbortSignal): Promise<ServiceLevelsReport> =>
  client.call({ method: "GET", path: "/v1/admin/service-levels", signal });

export interface AuditFilter {
  /** Id or e-mail. */
  readonly user: string;
  readonly action: string;
}

export function searchAudit(
  client: Client,
  filter: AuditFilter,
  before: number | undefined,
  signal: AbortSignal,
): Promise<AuditResponse> {
  const query = new URLSearchParams({ limit: "25" });
  if (filter.user !== "") query.set("user", filter.user);
  if (filter.action !== "") query.set("action", filter.action);
  if (before !== undefined) query.set("before", String(before));
  return client.call({ method: "GET", path: `/v1/admin/audit?${query}`, signal });
}

export function listUsers(
  client: Client,
  after: string | undefined,
  signal: AbortSignal,
): Promise<AdminUsersResponse> {
  const query = new URLSearchParams({ limit: "50", ...(after === undefined ? {} : { after }) });
  return client.call({ method: "GET", path: `/v1/admin/users?${query}`, signal });
}

export type UserAction = "disable" | "enable" | "revoke";

export const actOnUser = (client: Client, userId: string, action: UserAction): Promise<AdminUserView> =>
  client.call({ method: "POST", path: `/v1/admin/users/${encodeURIComponent(userId)}/${action}` });
