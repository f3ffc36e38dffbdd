export type { ExternalAccounts, JwksAccounts } from "./auth/external-accounts.ts";
export type { OidcOptions } from "./auth/oidc.ts";
export { createGateway, type Gateway, type Listening } from "./gateway.ts";
export type { EmbeddedStore, GatewayOptions, OwnAccounts, Stores } from "./options.ts";
export { version } from "./version.ts";
