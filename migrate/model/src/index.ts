/** The vocabulary of the migration suite: plain readonly data, no verb, no I/O. Everything of the suite stands on it. */
export * from "./access.ts";
export * from "./edit.ts";
export * from "./problem.ts";
export * from "./score.ts";
export * from "./span.ts";
