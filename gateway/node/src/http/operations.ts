/**
 * Every HTTP call of the gateway in one table: what it takes, what it answers, who may call it. Routes are served from it,
 * OpenAPI is generated from it, and 405 is told from 404 by it. Nothing else says what a call looks like.
 */
import { adminOperations } from "./operations/admin.ts";
import { authOperations } from "./operations/auth.ts";
import type { Operation } from "./operations/operation.ts";
import { operatorOperations } from "./operations/operator.ts";
import { userOperations } from "./operations/user.ts";

export type { Operation } from "./operations/operation.ts";

export const operations = {
  ...authOperations,
  ...userOperations,
  ...adminOperations,
  ...operatorOperations,
} as const satisfies Record<string, Operation>;

export type OperationName = keyof typeof operations;

const matchers = Object.values(operations).map(({ method, path }) => ({
  method,
  path,
  pattern: new RegExp(`^${path.replaceAll(/:\w+/g, "[^/]+").replaceAll(".", "\\.")}/?$`),
}));

/** The operations at a path, whatever their method; none when there is no such path. */
export function operationsAt(path: string): readonly Pick<Operation, "method" | "path">[] {
  return matchers.filter(({ pattern }) => pattern.test(path));
}
