/** Where a client that gives a position goes on, or why it cannot (RS1, RS2). */
import type { Position, ResetReason } from "@trueline/protocol";
import type { UserLog } from "../log/user-log.ts";

export type Resumption =
  | { readonly resumed: "live" | "replayed"; readonly seq: number }
  | { readonly resumed: "reset"; readonly seq: number; readonly reason: ResetReason };

export async function resume(
  log: UserLog,
  position: Position | undefined,
  replayEvents: number,
): Promise<Resumption> {
  if (!position) return { resumed: "live", seq: log.head };
  const reason = await whyNot(log, position, replayEvents);
  return reason ? { resumed: "reset", seq: log.head, reason } : { resumed: "replayed", seq: position.seq };
}

async function whyNot(
  log: UserLog,
  position: Position,
  replayEvents: number,
): Promise<ResetReason | undefined> {
  if (position.epoch !== log.epoch) return "other_epoch";
  if (position.seq > log.head) return "unknown_position";
  if (log.head - position.seq > replayEvents) return "too_old";
  if (position.seq === log.head || log.remembers(position.seq)) return undefined;
  return position.seq + 1 < (await log.firstKept()) ? "too_old" : undefined;
}
