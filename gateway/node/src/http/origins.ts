/** Which pages may use the gateway from a browser (AU2): those of the same origin, and those on the list. Pure. */
import { TruelineError } from "@trueline/protocol";

export interface OriginPolicy {
  /** `origin` and `host` are the headers of a request. No origin: it does not come from a page. */
  allows(origin: string | undefined, host: string | undefined): boolean;
}

export function originPolicy(listed: readonly string[]): OriginPolicy {
  const known = new Set(listed.map((origin) => origin.toLowerCase().replace(/\/$/, "")));
  return {
    allows(origin, host) {
      if (origin === undefined) return true;
      if (known.has(origin.toLowerCase())) return true;
      return host !== undefined && hostOf(origin) === host.toLowerCase();
    },
  };
}

export const originNotAllowed = (origin: string): TruelineError =>
  new TruelineError(
    "origin_not_allowed",
    `Pages of ${origin.slice(0, 200)} may not use this gateway. Its configuration lists those that may under "origins".`,
  );

function hostOf(origin: string): string | undefined {
  return URL.parse(origin)?.host;
}
