/** What the connections of one user share. One object for all of them: each connection costs only what is its own. */
import type { Clock, UserId } from "@trueline/kit";
import type { Limits } from "../limits.ts";
import type { UserLog } from "../log/user-log.ts";
import type { Manager } from "../manager/manager.ts";
import type { Observer } from "../ports/observer.ts";
import type { Connection } from "./connection.ts";
import type { EventStream } from "./event-stream.ts";

export interface ConnectionHost {
  readonly log: UserLog;
  readonly requests: Pick<Manager, "send" | "cancel">;
  readonly limits: Limits;
  readonly clock: Clock;
  readonly observer: Observer;
  connectionOnClosed(connection: Connection | EventStream): void;
  /** An event of `found` was about to be shown to this user (IS3). */
  connectionOnViolation(where: "connection" | "event stream", found: UserId): void;
}
