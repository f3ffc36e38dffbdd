/**
 * The part of the contract that needs no zod at run time: what a browser bundles. Tables and types only; whoever
 * validates (the server, tests, tools) imports the package's index instead.
 */

export type * from "./admin.ts";
export * from "./close-codes.ts";
export * from "./error-codes.ts";
export type * from "./errors.ts";
export type * from "./events.ts";
export type * from "./frames.ts";
export type * from "./http.ts";
export type * from "./limits.ts";
export type * from "./position.ts";
export type * from "./service-levels.ts";
export * from "./subprotocol.ts";
