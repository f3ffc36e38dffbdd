/** Access over accounts in memory, with a clock moved by hand and Ada signed up. */
import {
  type Access,
  type AuditEntry,
  createAccess,
  createAudit,
  defaultAccessLimits,
  silentObserver,
} from "@trueline/server";
import {
  createHandClock,
  createMemoryAccounts,
  createMemoryAuditStore,
  plainHasher,
  plainSigner,
} from "@trueline/server/testing";

export const home = "192.0.2.1";
export const ada = { email: "ada@example.com", password: "correct horse" };

export interface Made {
  readonly hashed: string[];
  readonly errors: object[];
}

export async function accessFixture(accounts = createMemoryAccounts()) {
  const clock = createHandClock();
  const store = createMemoryAuditStore();
  const errors: object[] = [];
  const verified: string[] = [];
  const logger = { ...silentObserver().logger, error: (fields: object) => void errors.push(fields) };
  const audit = createAudit({ store, clock, logger });
  const hasher = {
    hash: plainHasher.hash,
    verify: (hash: string, password: string) => {
      verified.push(hash);
      return plainHasher.verify(hash, password);
    },
  };
  const options = {
    accounts,
    audit,
    clock,
    logger,
    hasher,
    signer: plainSigner,
    limits: defaultAccessLimits,
  };
  const access: Access = await createAccess(options);
  const { user } = await access.administration.add(ada, { by: "command_line", address: null });
  const actions = async (): Promise<string[]> => {
    await audit.flush();
    return store.kept.entries.map((entry: AuditEntry) => entry.action);
  };
  return { access, accounts, audit, auditStore: store, clock, errors, verified, actions, user, options };
}

export const request = { address: home, headers: {} };
