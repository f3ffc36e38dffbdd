/** `AuditStore` in memory, for tests and examples. It survives nothing. Runs the suite in audit-suite.ts. */
import { emptyHead } from "../audit/chain.ts";
import type { AuditEntry, AuditHead, AuditQuery, AuditStore } from "../ports/audit.ts";

export interface MemoryAuditStore extends AuditStore {
  /** What is kept, open to tampering, as a database file is to whoever owns it. */
  readonly kept: { entries: AuditEntry[]; anchor: AuditHead };
  /** Rejects every append with `error`, as a full disk does, until it is called with nothing. */
  failAppends(error?: Error): void;
}

export function createMemoryAuditStore(): MemoryAuditStore {
  const kept: MemoryAuditStore["kept"] = { entries: [], anchor: emptyHead };
  let failure: Error | undefined;
  return {
    kept,
    failAppends(error) {
      failure = error;
    },
    head: async () => kept.anchor,
    async append(after, entries) {
      if (failure) throw failure;
      if (after.seq !== kept.anchor.seq || after.hash !== kept.anchor.hash) return false;
      kept.entries.push(...entries);
      const { seq, hash } = entries.at(-1) ?? after;
      kept.anchor = { seq, hash };
      return true;
    },
    read: async (after, limit) => kept.entries.filter(({ seq }) => seq > after).slice(0, limit),
    search: async (query) =>
      kept.entries
        .filter((entry) => matches(entry, query))
        .reverse()
        .slice(0, query.limit),
  };
}

function matches({ user, action, at, seq }: AuditEntry, query: AuditQuery): boolean {
  return (
    (query.user === undefined || user === query.user) &&
    (query.action === undefined || action === query.action) &&
    (query.from === undefined || at >= query.from) &&
    (query.to === undefined || at < query.to) &&
    (query.before === undefined || seq < query.before)
  );
}
