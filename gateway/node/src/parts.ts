/** Puts the parts of a gateway together, in the order in which they need one another. Called by gateway.ts, once. */
import { randomBytes } from "node:crypto";
import { createRegistry, offlineAgent } from "@trueline/agents";
import { systemClock } from "@trueline/kit";
import {
  type Access,
  type Accounts,
  type Administration,
  type Audit,
  type Authenticator,
  boundRefusals,
  createAccess,
  createAudit,
  createExternalAccess,
  createManagers,
  createServiceLevels,
  type Logger,
  type Observer,
  type ServiceLevels,
} from "@trueline/server";
import { openSqliteStores } from "@trueline/stores";
import { verifierOf } from "./auth/external-accounts.ts";
import { createOidcLogin, type OidcLogin } from "./auth/oidc.ts";
import { argon2Hasher } from "./auth/password-hasher.ts";
import { createRates } from "./auth/rates.ts";
import { createTokenSigner } from "./auth/token-signer.ts";
import { checkedLimits } from "./checked-limits.ts";
import type { Engine } from "./engine.ts";
import { originPolicy } from "./http/origins.ts";
import { type Commits, watchCommits } from "./observe/commits.ts";
import { createLogger } from "./observe/log.ts";
import { createMetrics, type Metrics } from "./observe/metrics.ts";
import { type GatewayOptions, isExternal, isStores, type OwnAccounts, type Stores } from "./options.ts";

export interface Parts {
  readonly engine: Engine;
  readonly stores: Stores;
  readonly metrics: Metrics;
  readonly commits: Commits;
  readonly serviceLevels: ServiceLevels;
  /** Absent with a team's own accounts. */
  readonly access: Access | undefined;
  readonly oidc: OidcLogin | undefined;
  readonly logger: Logger;
}

/** Throws what the store, the registry or the schema of limits found wrong. */
export async function assemble(options: GatewayOptions): Promise<Parts> {
  const clock = options.clock ?? systemClock;
  const { limits, accessLimits } = checkedLimits(options);
  const agents = createRegistry(options.agents ?? [offlineAgent()]);
  const logger = loggerOf(options);
  const metrics = createMetrics(logger);
  const stores = await openStores(options, logger);
  try {
    const audit = boundRefusals(createAudit({ store: stores.audit, clock, logger }), clock);
    const { facts } = stores;
    const { objectives } = options;
    const serviceLevels = createServiceLevels({ facts, clock, ...(objectives ? { objectives } : {}) });
    const watched = watchCommits(serviceLevels.observe(metrics.observer), clock);
    const { commits } = watched;
    const observer = auditingObserver(watched.observer, audit);
    const shared = { accounts: stores.accounts, audit, clock, logger, limits: accessLimits };
    const { authenticator, access, oidc } = await openAccounts(options, shared);
    const { eventLog, records } = stores;
    const rates = createRates(accessLimits);
    const { countMessage } = rates;
    const managers = createManagers({
      eventLog,
      records,
      agents,
      limits,
      clock,
      observer,
      audit,
      countMessage,
    });
    metrics.measureRuns(() => managers.counts());
    const engine: Engine = {
      managers,
      authenticator,
      agents,
      audit,
      observer,
      limits,
      clock,
      rates,
      origins: originPolicy(options.origins ?? []),
      trustedProxies: options.trustedProxies ?? 0,
      draining: false,
    };
    return { engine, stores, metrics, commits, serviceLevels, access, oidc, logger };
  } catch (error) {
    await stores.close();
    throw error;
  }
}

function loggerOf({ log = "info" }: GatewayOptions): Logger {
  return typeof log === "string" ? createLogger(log) : log;
}

async function openStores(
  { store = { directory: "./.trueline" }, clock }: GatewayOptions,
  logger: Logger,
): Promise<Stores> {
  if (isStores(store)) return store;
  const onCheckpointFailure = (error: unknown) =>
    logger.error({ err: error }, "a checkpoint of the store failed; its writer does them until one succeeds");
  return openSqliteStores({ onCheckpointFailure, ...store, ...(clock ? { clock } : {}) });
}

interface OpenAccounts {
  readonly authenticator: Authenticator;
  readonly access: Access | undefined;
  readonly oidc: OidcLogin | undefined;
}

type Shared = Omit<Parameters<typeof createAccess>[0], "hasher" | "signer">;

async function openAccounts({ accounts = {} }: GatewayOptions, shared: Shared): Promise<OpenAccounts> {
  if (isExternal(accounts)) {
    const authenticator = await createExternalAccess({ ...shared, verify: verifierOf(accounts) });
    return { authenticator, access: undefined, oidc: undefined };
  }
  const access = await openAccess(shared);
  await prepareAccounts(accounts, access.administration, shared.logger);
  const oidc = accounts.oidc && createOidcLogin(accounts.oidc, access, shared.logger);
  return { authenticator: access, access, oidc };
}

/** Who is there at the start: the demo's users only while it is asked for, and a first administrator when somebody is told. */
async function prepareAccounts(accounts: OwnAccounts, users: Administration, logger: Logger): Promise<void> {
  if (accounts.demo) return users.addDemoUsers();
  const disabled = await users.disableDemoUsers();
  if (disabled.length > 0)
    logger.warn({ disabled }, "the demo's users were disabled, since everybody knows their password");
  if (accounts.onFirstAdministrator) {
    const made = await users.firstStart(accounts.administrator);
    if (made) accounts.onFirstAdministrator(made);
  } else if (!(accounts.oidc || (await users.hasPeople()))) {
    logger.warn(
      {},
      "nobody has an account: make one with `trueline user add --administrator`, or give onFirstAdministrator, which is told the password of a first administrator",
    );
  }
}

/** Also for the command line, which manages accounts without a gateway. */
export async function openAccess(shared: Shared): Promise<Access> {
  const key = await accessTokenKey(shared.accounts);
  return createAccess({ ...shared, hasher: argon2Hasher, signer: createTokenSigner(key) });
}

/** Whoever comes first makes it; every process of the same data gets the same. */
const accessTokenKey = (accounts: Accounts): Promise<string> =>
  accounts.keepSecret("access_token_key", randomBytes(32).toString("base64url"));

/** A violation is counted, logged and written to the audit log (IS3). */
function auditingObserver(observer: Observer, audit: Audit): Observer {
  return {
    ...observer,
    isolationViolated(where, owner, found) {
      observer.isolationViolated(where, owner, found);
      observer.logger.error({ where, owner, found }, "an event of another owner was stopped before delivery");
      audit.record({ action: "isolation_violation", user: owner, by: "system", detail: { where, found } });
    },
  };
}
