/**
 * The way in for WebSocket and SSE alike: who is it, may one more come, and is it still true once the connection stands.
 * Every refusal is a TruelineError and stands in the audit log.
 */
import type { IncomingMessage } from "node:http";
import { type CloseReason, type Position, TruelineError } from "@trueline/protocol";
import type { Identity, Place, RequestFacts, Visitor } from "@trueline/server";
import type { Engine } from "./engine.ts";
import { originNotAllowed } from "./http/origins.ts";
import { bearerOf, requestFacts } from "./http/request-facts.ts";

export interface Admission {
  readonly identity: Identity;
  readonly visitor: Visitor;
  readonly address: string;
  /** Taken; the caller connects on it or gives it back. */
  readonly place: Place;
  /** The head of the user's event log. */
  readonly position: Position;
}

export async function admit(
  engine: Engine,
  request: IncomingMessage,
  ticket: string | undefined,
): Promise<Admission> {
  const facts = requestFacts(request, engine.trustedProxies);
  let identity: Identity | undefined;
  try {
    refuseBeforeIdentity(engine, request);
    await engine.rates.upgradeFrom(facts.address);
    identity = await identify(engine, facts, bearerOf(request), ticket);
    await engine.rates.upgradeOf(identity.user.id);
    const manager = await engine.managers.for(identity.user.id);
    const admitted = manager.admit();
    if (!admitted.ok) throw new TruelineError(admitted.code, admitted.message, admitted.retryAfterMs);
    const { place } = admitted;
    const { position } = manager;
    return { identity, visitor: visitorOf(identity, facts), address: facts.address, place, position };
  } catch (error) {
    if (error instanceof TruelineError) {
      const user = identity?.user.id ?? null;
      engine.audit.record({
        action: "connect_refused",
        user,
        address: facts.address,
        detail: { code: error.code },
      });
    }
    throw error;
  }
}

/** A revocation between the authentication and the connection's being reachable for it would otherwise be missed (AU3). */
export async function closeIfRevoked(
  engine: Engine,
  { identity }: Admission,
  close: (reason: CloseReason) => void,
): Promise<void> {
  try {
    const reason = await engine.authenticator.recheck(identity);
    if (reason !== undefined) close(reason);
  } catch (error) {
    engine.observer.logger.error({ err: error }, "access could not be checked again after connecting");
    // Nothing is known of the session: the client comes back, and need not sign in.
    close("internal_error");
  }
}

function refuseBeforeIdentity(engine: Engine, request: IncomingMessage): void {
  if (engine.draining)
    throw new TruelineError("going_away", "The server is restarting. Try again in a moment.", 1000);
  const { origin, host } = request.headers;
  if (!engine.origins.allows(origin, host)) throw originNotAllowed(origin ?? "");
}

async function identify(
  { authenticator }: Engine,
  facts: RequestFacts,
  bearer: string | undefined,
  ticket: string | undefined,
): Promise<Identity> {
  if (ticket !== undefined) return authenticator.takeTicket(ticket);
  return authenticator.authenticate(bearer, facts);
}

const visitorOf = ({ user, session, expiresAt }: Identity, { address }: RequestFacts): Visitor => ({
  view: user,
  session,
  address,
  expiresAt,
});
