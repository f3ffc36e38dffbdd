/** What the managers of a node work with: put together once, by node's wiring. */
import type { Clock } from "@trueline/kit";
import type { Audit } from "../audit/audit.ts";
import type { Limits } from "../limits.ts";
import type { EventLogStore } from "../ports/event-log-store.ts";
import type { AgentRegistry } from "../ports/model.ts";
import type { Observer } from "../ports/observer.ts";
import type { Records } from "../ports/records.ts";
import type { Refusal } from "./manager.ts";

export interface ManagersOptions {
  readonly eventLog: EventLogStore;
  readonly records: Records;
  readonly agents: AgentRegistry;
  readonly limits: Limits;
  readonly clock: Clock;
  readonly observer: Observer;
  /** Gets an entry for each message and each cancel, accepted or refused, whichever way it came (IS5). */
  readonly audit: Pick<Audit, "record">;
  /** Counts a message that comes from an address, whichever way, and says when there are too many (AU4). Absent: never. */
  readonly countMessage?: (address: string) => Promise<Refusal | undefined>;
}
