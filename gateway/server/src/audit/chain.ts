/**
 * The hash chain of the audit log: how an entry is sealed, and how a chain is checked. Pure; reads no store.
 *
 * An entry's hash covers all its fields and the hash of the entry before. So a changed, removed, inserted or moved entry
 * breaks the chain there; the anchor, kept apart, shows entries cut off at the end.
 *
 * What it cannot show: somebody who may write the whole database can compute a new chain with a new anchor, or put back
 * an older copy of all of it. Against that, note the head (`seq:hash`, which verifying prints) somewhere else and give
 * it to the next verification: it must then still be part of the chain.
 */
import { createHash } from "node:crypto";
import type { AuditEntry, AuditHead } from "../ports/audit.ts";

export const emptyHead: AuditHead = { seq: 0, hash: "0".repeat(64) };

export function seal(after: AuditHead, entry: Omit<AuditEntry, "seq" | "previous" | "hash">): AuditEntry {
  const unsealed = { ...entry, seq: after.seq + 1, previous: after.hash };
  return { ...unsealed, hash: hashOf(unsealed) };
}

/** A list in a fixed order is its own canonical form: no key order, nothing optional. */
function hashOf(entry: Omit<AuditEntry, "hash">): string {
  const { seq, at, action, user, by, address, detail, previous } = entry;
  const canonical = JSON.stringify([seq, at, action, user, by, address, detail, previous]);
  return createHash("sha256").update(canonical).digest("hex");
}

export const missing = "it is missing";

/** What is wrong with `entry`, or with the one before it, when it is to follow `last`; undefined when nothing is. */
export function flawOf(last: AuditHead, entry: AuditEntry): { seq: number; why: string } | undefined {
  if (entry.seq !== last.seq + 1) {
    return { seq: last.seq + 1, why: missing };
  }
  if (hashOf(entry) !== entry.hash) {
    return { seq: entry.seq, why: "its content is not what its hash was taken of" };
  }
  if (entry.previous !== last.hash) {
    return last.seq === 0
      ? { seq: entry.seq, why: "it follows another entry, but is the first" }
      : { seq: last.seq, why: `it was replaced: entry ${entry.seq} was written after another one` };
  }
  return undefined;
}
