/** The gateway as a library: `createGateway`. The rest is what `trueline` needs to start one from a configuration. */

export { type DataAdministration, openAdministration } from "./administration.ts";
export type { ExternalAccounts, JwksAccounts } from "./auth/external-accounts.ts";
export type { OidcOptions } from "./auth/oidc.ts";
export { type Address, type Bound, bind, type Listening } from "./bind.ts";
export { GatewayOptionsError } from "./checked-limits.ts";
export {
  type ConfigMistake,
  type ConfigSources,
  describeMistake,
  type LoadedConfig,
  loadConfig,
  loadDataDirectory,
  loadObjectives,
} from "./config/load.ts";
export { type Config, configSchema } from "./config/schema.ts";
export { gatewayOptions } from "./config/to-options.ts";
export { createGateway, type Gateway } from "./gateway.ts";
export type { EmbeddedStore, GatewayOptions, OwnAccounts, Stores } from "./options.ts";
export type { ProbeAccounts } from "./probe-accounts.ts";
export { version } from "./version.ts";
