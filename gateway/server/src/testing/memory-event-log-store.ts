/**
 * An `EventLogStore` in memory: the plainest thing that keeps the port's promises, for tests and examples. It survives
 * nothing, and is never wired into the product. Runs the suite in event-log-store-suite.ts.
 */
import { type Clock, randomToken, systemClock, type UserId } from "@trueline/kit";
import type { EventLogStore, LogAppend, LogHead, LogRecord, StoredRecord } from "../ports/event-log-store.ts";

export interface MemoryEventLogStore extends EventLogStore {
  /** Rejects every append with `error`, as a full disk does, until it is called with nothing. */
  failAppends(error?: Error): void;
  /** As when the log was lost: another epoch, nothing kept. */
  lose(): void;
}

interface KeptRecord extends StoredRecord {
  readonly at: number;
}

interface OwnerLog {
  head: number;
  records: KeptRecord[];
}

export function createMemoryEventLogStore(options: { readonly clock?: Clock } = {}): MemoryEventLogStore {
  const clock = options.clock ?? systemClock;
  let epoch = randomToken(9);
  let logs = new Map<UserId, OwnerLog>();
  let failure: Error | undefined;
  let lastAt = 0;
  const logOf = (owner: UserId): OwnerLog => logs.get(owner) ?? { head: 0, records: [] };

  return {
    async head(owner) {
      return headOf(epoch, logOf(owner));
    },
    async append(batch) {
      if (failure) throw failure;
      checkBatch(batch);
      lastAt = Math.max(clock.now(), lastAt);
      return batch.map(({ owner, records }) => {
        const log = logOf(owner);
        const kept = number(owner, log.head, records, lastAt);
        log.records.push(...kept);
        log.head += kept.length;
        logs.set(owner, log);
        return log.head - kept.length + 1;
      });
    },
    async read(owner, after, bounds) {
      return takeWithin(
        logOf(owner).records.filter((record) => record.seq > after),
        bounds,
      );
    },
    async trim(before, keepFrom) {
      let dropped = 0;
      for (const [owner, log] of logs) {
        const keep = keepFrom.get(owner) ?? Number.POSITIVE_INFINITY;
        const kept = log.records.filter((record) => record.at >= before || record.seq >= keep);
        dropped += log.records.length - kept.length;
        log.records = kept;
      }
      return dropped;
    },
    failAppends(error) {
      failure = error;
    },
    lose() {
      epoch = randomToken(9);
      logs = new Map();
    },
  };
}

function headOf(epoch: string, log: OwnerLog): LogHead {
  return { epoch, seq: log.head, firstSeq: log.records[0]?.seq ?? log.head + 1 };
}

function number(owner: UserId, head: number, records: readonly LogRecord[], at: number): KeptRecord[] {
  return records.map(({ type, body }, index) => ({ owner, seq: head + 1 + index, type, body, at }));
}

/** A batch that breaks the port's rules is a defect of the caller. */
function checkBatch(batch: readonly LogAppend[]): void {
  if (new Set(batch.map(({ owner }) => owner)).size < batch.length)
    throw new Error("an owner stands twice in a batch");
  if (batch.some(({ records }) => records.length === 0))
    throw new Error("an entry of a batch has no records");
}

function takeWithin(
  records: readonly KeptRecord[],
  bounds: { readonly records: number; readonly bytes: number },
): readonly StoredRecord[] {
  let bytes = 0;
  const taken: StoredRecord[] = [];
  for (const { owner, seq, type, body } of records) {
    bytes += Buffer.byteLength(body);
    if (taken.length > 0 && (taken.length >= bounds.records || bytes > bounds.bytes)) break;
    taken.push({ owner, seq, type, body });
  }
  return taken;
}
