/**
 * What the audit log says of a user's messages and cancels (IS5): accepted or refused, by which way, never a text. Called
 * by the user's manager, so that no way in goes past it.
 */
import type { UserId } from "@trueline/kit";
import type { SendResponse } from "@trueline/protocol";
import type { Audit } from "../audit/audit.ts";
import type { Origin, SendOutcome } from "./manager.ts";

type Asked = "send" | "cancel";

/** Writes what became of a request, and gives it on. */
export function recorded<T extends SendOutcome>(
  audit: Pick<Audit, "record">,
  user: UserId,
  action: Asked,
  origin: Origin,
  outcome: T,
): T {
  const { connectionId, address = null } = origin;
  if (outcome.ok) recordRun(audit, user, action, origin, outcome);
  else {
    const detail = { code: outcome.code, connectionId };
    audit.record({ action: `${action}_refused`, user, address, detail });
  }
  return outcome;
}

/** `cause`: why nobody asked for it by itself. */
export function recordRun(
  audit: Pick<Audit, "record">,
  user: UserId,
  action: Asked,
  origin: Origin,
  { runId, threadId, messageId }: SendResponse,
  cause?: "thread_deleted",
): void {
  const { connectionId, address = null } = origin;
  const detail = { runId, threadId, messageId, connectionId, ...(cause === undefined ? {} : { cause }) };
  audit.record({ action, user, address, detail });
}
