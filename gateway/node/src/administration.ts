/**
 * Accounts, audit log and service levels of a data directory, for the command line: with or without a gateway running on it. A gateway
 * that runs sees what is changed here within `revocationPollMs` and closes the connections that it concerns (AU3).
 */
import { systemClock } from "@trueline/kit";
import type { ServiceLevelsReport } from "@trueline/protocol";
import {
  type Administration,
  type AuditVerdict,
  createAudit,
  createServiceLevels,
  defaultAccessLimits,
  type FactsPeriod,
  type Objectives,
  verifyAudit,
} from "@trueline/server";
import { openSqliteAdministration } from "@trueline/stores";
import { createLogger } from "./observe/log.ts";
import { openAccess } from "./parts.ts";

export interface DataAdministration {
  readonly users: Administration;
  verifyAudit(): Promise<AuditVerdict>;
  /** From what is recorded there: a gateway that runs writes what it counts every few seconds. */
  serviceLevels(period: FactsPeriod, objectives?: Objectives): Promise<ServiceLevelsReport>;
  close(): Promise<void>;
}

/** Undefined when there is no data in the directory and `create` is false. Rejects with a `StoreError`. */
export async function openAdministration(options: {
  readonly directory: string;
  readonly create: boolean;
}): Promise<DataAdministration | undefined> {
  const stores = await openSqliteAdministration(options);
  if (!stores) return undefined;
  const { accounts } = stores;
  const logger = createLogger("error");
  const audit = createAudit({ store: stores.audit, clock: systemClock, logger });
  const access = await openAccess({
    accounts,
    audit,
    clock: systemClock,
    logger,
    limits: defaultAccessLimits,
  });
  return {
    users: access.administration,
    verifyAudit: () => verifyAudit(stores.audit),
    serviceLevels: (period, objectives) =>
      createServiceLevels({
        facts: stores.facts,
        clock: systemClock,
        ...(objectives ? { objectives } : {}),
      }).report(period),
    async close() {
      await audit.flush();
      await stores.close();
    },
  };
}
