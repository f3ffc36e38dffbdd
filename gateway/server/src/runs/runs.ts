/** The runs of one user on this node: accepts messages, runs agents, queues, steers, cancels, takes over. */
import type { Clock, RunId, ThreadId, UserId } from "@trueline/kit";
import type { SendResponse } from "@trueline/protocol";
import type { Limits } from "../limits.ts";
import type { EventLog } from "../log/event-log.ts";
import type { CancelOutcome, Origin, SendOutcome, SendRequest } from "../manager/manager.ts";
import type { AgentRegistry } from "../ports/model.ts";
import type { Observer } from "../ports/observer.ts";
import type { RunRow, UserRecords } from "../ports/records.ts";

export interface RunsOptions {
  readonly user: UserId;
  readonly log: EventLog;
  readonly records: UserRecords;
  readonly agents: AgentRegistry;
  readonly limits: Limits;
  readonly clock: Clock;
  readonly observer: Observer;
  /** Called when the number of runs that keep the manager alive (running, queued, being accepted) becomes 0. */
  readonly onIdle: () => void;
  /** A run was cancelled without anybody asking for that by itself: its thread ends. */
  readonly onCancelled: (run: SendResponse, origin: Origin) => void;
}

export interface Runs {
  /** Runs and accepts in progress; while it is not 0 the manager stays. */
  readonly active: number;
  /** Of this moment: runs that have their thread, and runs that wait for it. */
  readonly counts: { readonly running: number; readonly queued: number };
  send(request: SendRequest, origin: Origin): Promise<SendOutcome>;
  cancel(id: RunId, origin: Origin): Promise<CancelOutcome>;
  /** Goes on with a run whose node died, from its last checkpoint (RN3). */
  takeOver(run: RunRow): Promise<void>;
  /** Cancels what runs in the thread; when it has ended does `then`, while the thread takes no messages. To delete it. */
  endThread<T>(id: ThreadId, origin: Origin, then: () => Promise<T>): Promise<T>;
  /** No new runs; those there are end, or stop at their next checkpoint. Resolves when none executes any more. */
  drain(): Promise<void>;
  /** Stops executing at once and writes nothing more, no terminal events either: the next start takes over. */
  abandon(): void;
}
