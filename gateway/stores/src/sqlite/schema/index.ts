/** Every migration of the embedded store, in the order in which a new database gets them. A new area adds its file here. */
import type { Migration } from "../migrations.ts";
import { accountsMigrations } from "./accounts.ts";
import { auditMigrations } from "./audit.ts";
import { eventLogMigrations } from "./event-log.ts";
import { factsMigrations } from "./facts.ts";
import { recordsMigrations } from "./records.ts";
import { sessionMigrations } from "./session.ts";

export const migrations: readonly Migration[] = [
  ...sessionMigrations,
  ...eventLogMigrations,
  ...recordsMigrations,
  ...accountsMigrations,
  ...auditMigrations,
  ...factsMigrations,
];
