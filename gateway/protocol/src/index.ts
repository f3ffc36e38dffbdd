export * from "./close-codes.ts";
export * from "./codec.ts";
export * from "./errors.ts";
export * from "./events.ts";
export * from "./frames.ts";
export * from "./http.ts";
export * from "./limits.ts";
export * from "./position.ts";
