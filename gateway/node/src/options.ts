/** What `createGateway` can be told (AU6). Everything has a default but, for a team's own accounts, the accounts. */
import type { Clock } from "@trueline/kit";
import type {
  AccessLimits,
  Accounts,
  Agent,
  AuditStore,
  EventLogStore,
  Facts,
  Limits,
  Logger,
  Objectives,
  Records,
} from "@trueline/server";
import type { ExternalAccounts } from "./auth/external-accounts.ts";
import type { OidcOptions } from "./auth/oidc.ts";
import type { LogLevel } from "./observe/log.ts";

/** Where everything is kept, when it is not in the embedded store. */
export interface Stores {
  readonly eventLog: EventLogStore;
  readonly records: Records;
  readonly accounts: Accounts;
  readonly audit: AuditStore;
  readonly facts: Facts;
  close(): Promise<void>;
}

export interface EmbeddedStore {
  /** Made when it is not there. Only one process may have it. */
  readonly directory: string;
  /** Default `normal`: an acknowledged event survives `kill -9`. `full`: a power cut too, for one fsync a commit. */
  readonly synchronous?: "normal" | "full";
}

/** Accounts of our own: e-mail and password, and a company's identity provider. */
export interface OwnAccounts {
  readonly oidc?: OidcOptions;
  /**
   * Makes ada@example.com and bob@example.com with a known password. Whoever sets it sees to it that only loopback is served.
   * Refused where others have accounts; without it the two are disabled at the start.
   */
  readonly demo?: boolean;
  /** The e-mail address of the administrator whom the first start makes, for `onFirstAdministrator`. Default admin@localhost. */
  readonly administrator?: string;
  /**
   * Called once, when the first start made an administrator. The password is nowhere else, so without this none is made:
   * a warning says what to do.
   */
  readonly onFirstAdministrator?: (made: { readonly email: string; readonly password: string }) => void;
}

export interface GatewayOptions {
  /** Default: an embedded store in `./.trueline`. Given stores are closed with the gateway. */
  readonly store?: EmbeddedStore | Stores;
  /** Default: our own. Or a JWKS address, or a function that gives the user of a request. */
  readonly accounts?: OwnAccounts | ExternalAccounts;
  /** Those that messages can name; the first gets those that name none. Default: the built-in offline agent. */
  readonly agents?: readonly Agent[];
  /** Overrides of the table of limits. */
  readonly limits?: Partial<Limits>;
  readonly access?: Partial<AccessLimits>;
  /** Which share must be good, and within which time. Default: as in the table of service levels. */
  readonly objectives?: Objectives;
  /** Pages that may use the gateway beside those of its own origin. */
  readonly origins?: readonly string[];
  /** Proxies in front whose `X-Forwarded-For` is believed. Default 0. */
  readonly trustedProxies?: number;
  /** The bearer that may read /metrics. Absent: loopback and administrators. */
  readonly metricsToken?: string;
  /** Whether the chat and operations pages are served. Default false. */
  readonly pages?: boolean;
  /** Where traces are sent, as OTLP over HTTP. Absent: spans go to the process's own tracer provider, if it has one. */
  readonly tracesEndpoint?: string;
  /** Default `info`, as JSON lines on standard error. */
  readonly log?: LogLevel | Logger;
  readonly clock?: Clock;
}

export const isExternal = (accounts: OwnAccounts | ExternalAccounts): accounts is ExternalAccounts =>
  "verify" in accounts || "jwksUrl" in accounts;

export const isStores = (store: EmbeddedStore | Stores): store is Stores => "eventLog" in store;
