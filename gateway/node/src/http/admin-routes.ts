/**
 * Accounts and the audit log for administrators. Each call is in the audit log itself, before it is answered. With a team's
 * own accounts only the audit log is here: the accounts are elsewhere.
 */
import type { UserId } from "@trueline/kit";
import { type AdminUserView, type AuditEntryView, describeIssues, TruelineError } from "@trueline/protocol";
import type { Access, Actor, AuditEntry, Identity, UserRow } from "@trueline/server";
import type { FastifyInstance } from "fastify";
import type { z } from "zod";
import type { Engine } from "../engine.ts";
import { operations } from "./operations.ts";
import { serve } from "./serve.ts";

export function registerAdminRoutes(app: FastifyInstance, engine: Engine, access?: Access): void {
  serve(app, engine, "searchAudit", async ({ caller, address, request }) => {
    const { user, limit, ...rest } = queryOf(operations.searchAudit.query, request.query);
    await read(engine, caller, address, { what: "audit", ...(user === undefined ? {} : { user }) });
    const id = user?.includes("@") ? (await access?.administration.find(user))?.id : user;
    const entries = await engine.audit.search({
      ...rest,
      limit: limit + 1,
      user: id,
    });
    const page = entries.slice(0, limit).map(entryView);
    const last = entries.length > limit ? page.at(-1) : undefined;
    return { entries: page, ...(last ? { next: last.seq } : {}) };
  });
  if (access) registerUserRoutes(app, engine, access);
}

function registerUserRoutes(app: FastifyInstance, engine: Engine, access: Access): void {
  const { administration } = access;

  const view = async ({ id, email, name, role, disabled, createdAt }: UserRow): Promise<AdminUserView> => ({
    id,
    email,
    name,
    role,
    disabled,
    createdAt: new Date(createdAt).toISOString(),
    sessions: await administration.countSessions(id),
    connections: engine.managers.connectionsOf(id),
  });

  serve(app, engine, "listUsers", async ({ caller, address, request }) => {
    const { after, limit } = queryOf(operations.listUsers.query, request.query);
    await read(engine, caller, address, { what: "users" });
    const rows = await administration.list({
      limit: limit + 1,
      ...(after === undefined ? {} : { after: after as UserId }),
    });
    const users = await Promise.all(rows.slice(0, limit).map(view));
    const last = rows.length > limit ? users.at(-1) : undefined;
    return { users, ...(last ? { next: last.id } : {}) };
  });

  const change = (
    name: "disableUser" | "enableUser" | "revokeUser",
    work: (user: UserId, by: Actor) => Promise<unknown>,
  ) =>
    serve(app, engine, name, async ({ caller, address, id }) => {
      const by = administrator(caller, address);
      const { id: user } = await administration.find(id);
      await work(user, by);
      return view(await administration.find(user));
    });
  change("disableUser", (user, by) => administration.setDisabled(user, true, by));
  change("enableUser", (user, by) => administration.setDisabled(user, false, by));
  change("revokeUser", (user, by) => administration.revoke({ user }, by));
}

/** Throws `forbidden` for everybody else. */
export function administrator({ user }: Identity, address: string): Actor {
  if (user.role !== "administrator") throw new TruelineError("forbidden", "This is for administrators.");
  return { by: user.id, address };
}

/** For each read of what is not the administrator's own (IS5). Throws `forbidden`. */
export async function read(
  engine: Engine,
  caller: Identity,
  address: string,
  detail: { what: string },
): Promise<void> {
  const { by } = administrator(caller, address);
  await engine.audit.append({ action: "admin_read", user: by, address, detail });
}

/** The query of a call, checked. Throws `invalid_request`. */
export function queryOf<Schema extends z.ZodType>(schema: Schema, query: unknown): z.infer<Schema> {
  const parsed = schema.safeParse(query);
  if (parsed.success) return parsed.data;
  throw new TruelineError("invalid_request", describeIssues(parsed.error));
}

const entryView = ({ seq, at, action, user, by, address, detail }: AuditEntry): AuditEntryView => ({
  seq,
  at: new Date(at).toISOString(),
  action,
  user,
  by,
  address,
  detail: JSON.parse(detail) as AuditEntryView["detail"],
});
