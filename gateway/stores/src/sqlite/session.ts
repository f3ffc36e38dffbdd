/**
 * Whether commits of the log may have been lost since the database was last open, and so which epoch its log has (RS4).
 * `synchronous = NORMAL` survives the death of the process, not that of the machine: so an unclean end and another boot
 * since then mean another epoch, and clients load a snapshot instead of going on from a seq that may be given again.
 */
import { readFileSync } from "node:fs";
import { randomToken } from "@trueline/kit";
import type { Database } from "better-sqlite3";

export type Synchronous = "normal" | "full";

interface SessionRow {
  readonly epoch: string;
  readonly clean: 0 | 1;
  readonly synchronous: Synchronous;
  readonly boot_id: string | null;
}

/** Marks the database as open and gives the epoch. Call with `synchronous = FULL`: the mark must not be lost itself. */
export function beginSession(handle: Database, synchronous: Synchronous, bootId = readBootId()): string {
  const last = handle.prepare<[], SessionRow>("SELECT epoch, clean, synchronous, boot_id FROM session").get();
  const epoch = last === undefined || mayHaveLost(last, bootId) ? randomToken(9) : last.epoch;
  handle
    .prepare(
      `INSERT INTO session (id, epoch, clean, synchronous, boot_id) VALUES (1, ?, 0, ?, ?)
       ON CONFLICT (id) DO UPDATE SET
         epoch = excluded.epoch, clean = 0, synchronous = excluded.synchronous, boot_id = excluded.boot_id`,
    )
    .run(epoch, synchronous, bootId ?? null);
  return epoch;
}

export function endSession(handle: Database): void {
  handle.prepare("UPDATE session SET clean = 1").run();
}

/** Where the boot cannot be told (it is Linux that tells it), an unclean end counts as one of the machine. */
function mayHaveLost(last: SessionRow, bootId: string | undefined): boolean {
  const sameBoot = bootId !== undefined && bootId === last.boot_id;
  return last.clean === 0 && last.synchronous === "normal" && !sameBoot;
}

function readBootId(): string | undefined {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  } catch (error) {
    if ((error as { code?: unknown }).code === "ENOENT") return undefined;
    throw error;
  }
}
