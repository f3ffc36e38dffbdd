/** The limits of `createGateway`, checked: every mistake of all tables at once, a sentence each. */
import { type AccessLimits, accessLimitsSchema, type Limits, limitsSchema } from "@trueline/server";
import type { z } from "zod";
import { spread } from "./config/sentences.ts";
import type { GatewayOptions } from "./options.ts";

export class GatewayOptionsError extends Error {
  override readonly name = "GatewayOptionsError";
  readonly mistakes: readonly string[];

  constructor(mistakes: readonly string[]) {
    super(`the options of the gateway are wrong: ${mistakes.join("; ")}`);
    this.mistakes = mistakes;
  }
}

/** Throws `GatewayOptionsError`. */
export function checkedLimits({ limits = {}, access = {} }: GatewayOptions): {
  readonly limits: Limits;
  readonly accessLimits: AccessLimits;
} {
  const ofLimits = limitsSchema.safeParse(limits, { reportInput: true });
  const ofAccess = accessLimitsSchema.safeParse(access, { reportInput: true });
  if (ofLimits.success && ofAccess.success) return { limits: ofLimits.data, accessLimits: ofAccess.data };
  throw new GatewayOptionsError([...mistakesOf("limits", ofLimits), ...mistakesOf("access", ofAccess)]);
}

const mistakesOf = (option: string, { error }: z.ZodSafeParseResult<unknown>): readonly string[] =>
  (error?.issues ?? [])
    .flatMap(spread)
    .map(({ path, message }) => `${[option, ...path].join(".")}: ${message}`);
