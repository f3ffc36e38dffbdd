export { type Access, type AccessOptions, createAccess, type ProvenSubject } from "./access.ts";
export { type AddedUser, type Administration, demoPassword, type NewUser } from "./administration.ts";
export {
  createExternalAccess,
  type ExternalAccessOptions,
  type ExternalUser,
  externalUserSchema,
  type VerifyUser,
} from "./external.ts";
export type { Grants } from "./grants.ts";
export type {
  Actor,
  Authenticator,
  Identity,
  IssuedTicket,
  RequestFacts,
  RevokedAccess,
} from "./identity.ts";
export { type AccessLimits, accessLimitsSchema, defaultAccessLimits } from "./limits.ts";
