/**
 * An audit log in which the refused do not drown the rest (IS5): of refusals, which anybody can cause at any rate, it takes
 * so many a minute for one user or address, and so many for all together; how many it left out stands in the first of the
 * next minute. Whatever was let in is always written. Put around the audit log by node's wiring.
 */
import type { Clock } from "@trueline/kit";
import type { AuditAction } from "./actions.ts";
import type { Audit, AuditFact } from "./audit.ts";

/** What is bounded. A refused sign-in is not: it is counted and bounded where it is refused. */
const refusals: ReadonlySet<AuditAction> = new Set([
  "connect_refused",
  "send_refused",
  "cancel_refused",
  "request_refused",
]);

const windowMs = 60_000;
/** Refusals a minute, of one user (or address, where the user is not known). */
const perSubject = 60;
/** Refusals a minute, of all. */
const inAll = 6_000;

export function boundRefusals(audit: Audit, clock: Clock): Audit {
  let windowFrom = clock.monotonic();
  let written = 0;
  let leftOut = 0;
  let leftOutBefore = 0;
  const bySubject = new Map<string, number>();

  function turnWindow(): void {
    const now = clock.monotonic();
    if (now - windowFrom < windowMs) return;
    windowFrom = now;
    leftOutBefore += leftOut;
    written = leftOut = 0;
    bySubject.clear();
  }

  function record(fact: AuditFact): void {
    if (!refusals.has(fact.action)) {
      audit.record(fact);
      return;
    }
    turnWindow();
    const subject = fact.user ?? fact.address ?? "";
    const count = bySubject.get(subject) ?? 0;
    if (written >= inAll || count >= perSubject) {
      leftOut++;
      return;
    }
    bySubject.set(subject, count + 1);
    written++;
    const detail = leftOutBefore > 0 ? { ...fact.detail, leftOut: leftOutBefore } : fact.detail;
    leftOutBefore = 0;
    audit.record(detail === undefined ? fact : { ...fact, detail });
  }

  return { ...audit, record };
}
