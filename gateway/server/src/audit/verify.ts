/** Checks the whole audit chain. For `trueline audit verify` and the operations page; changes nothing. */
import { AuditDamagedError, type AuditHead, type AuditStore } from "../ports/audit.ts";
import { auditActions, isAuditAction } from "./actions.ts";
import { emptyHead, flawOf, missing } from "./chain.ts";

export type AuditVerdict =
  | { readonly ok: true; readonly count: number; readonly head: AuditHead }
  /** `seq`: the first broken entry. `message`: it by name, and why. */
  | { readonly ok: false; readonly seq: number; readonly message: string };

const chunk = 1000;

/** `noted`: a head that was written down elsewhere and must still be part of the chain. */
export async function verifyAudit(store: AuditStore, noted?: AuditHead): Promise<AuditVerdict> {
  try {
    return await verifyChain(store, noted);
  } catch (error) {
    if (!(error instanceof AuditDamagedError)) throw error;
    return { ok: false, seq: 1, message: error.message };
  }
}

async function verifyChain(store: AuditStore, noted?: AuditHead): Promise<AuditVerdict> {
  const anchor = await store.head();
  let last = emptyHead;
  let name = "";
  for (;;) {
    const entries = await store.read(last.seq, chunk);
    for (const entry of entries) {
      const flaw = flawOf(last, entry);
      if (flaw?.why === missing) return gone(flaw.seq, name);
      if (flaw) return broken(flaw.seq, flaw.seq === entry.seq ? nameOf(entry) : name, flaw.why);
      if (noted?.seq === entry.seq && noted.hash !== entry.hash) {
        return broken(entry.seq, nameOf(entry), "it is not the entry that was noted");
      }
      // Entries that were appended since the anchor was read are as good as the others, but the anchor's own must fit.
      if (anchor.seq === entry.seq && anchor.hash !== entry.hash) {
        return broken(entry.seq, nameOf(entry), "the anchor was set for another entry in its place");
      }
      last = entry;
      name = nameOf(entry);
    }
    if (entries.length === 0) break;
  }
  const expected = Math.max(anchor.seq, noted?.seq ?? 0);
  if (last.seq < expected)
    return broken(last.seq + 1, "", `the log ends before it, but went on to ${expected}`);
  if (last.seq > anchor.seq && (await store.head()).seq === anchor.seq) {
    return broken(anchor.seq + 1, "", "it was added after the anchor without moving it");
  }
  return { ok: true, count: last.seq, head: { seq: last.seq, hash: last.hash } };
}

function broken(seq: number, name: string, why: string): AuditVerdict {
  return { ok: false, seq, message: `entry ${seq}${name && ` (${name})`} is broken: ${why}` };
}

/** What it was is not known any more: only what it came after. */
function gone(seq: number, before: string): AuditVerdict {
  const place = before === "" ? "" : ` (after entry ${seq - 1}: ${before})`;
  return { ok: false, seq, message: `entry ${seq} is missing${place}` };
}

function nameOf(entry: { action: string; user: string | null; at: number }): string {
  const did = isAuditAction(entry.action) ? auditActions[entry.action] : entry.action;
  return `${entry.user ?? "nobody known"} ${did}, ${isoTime(entry.at)}`;
}

/** A forged time need not be one. */
function isoTime(at: number): string {
  const time = new Date(at);
  return Number.isNaN(time.getTime()) ? `at ${at}` : time.toISOString();
}
