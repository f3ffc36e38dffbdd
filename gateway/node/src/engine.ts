/** What the transport works with: the engine and its surroundings, put together once in gateway.ts. */
import type { Clock } from "@trueline/kit";
import type { AgentRegistry, Audit, Authenticator, Limits, Managers, Observer } from "@trueline/server";
import type { Rates } from "./auth/rates.ts";
import type { OriginPolicy } from "./http/origins.ts";

export interface Engine {
  readonly managers: Managers;
  readonly authenticator: Authenticator;
  readonly agents: AgentRegistry;
  readonly audit: Audit;
  readonly observer: Observer;
  readonly limits: Limits;
  readonly clock: Clock;
  readonly rates: Rates;
  readonly origins: OriginPolicy;
  /** Proxies in front of us whose `X-Forwarded-For` is believed. */
  readonly trustedProxies: number;
  /** From here on nobody new is let in. */
  draining: boolean;
}
