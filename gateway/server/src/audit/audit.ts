/**
 * The audit log (IS5): who did what, appended in order, in a chain that shows tampering. Written by access, the
 * transport and the runs; read by the operations page. It holds no secret and no message text.
 *
 * Entries go to the store in the order in which they were given, many in one transaction: what somebody waits for at
 * the end of the tick, with all that came before it; the rest a moment later. What `append` acknowledged survives
 * `kill -9`.
 */
import type { Clock } from "@trueline/kit";
import { TruelineError } from "@trueline/protocol";
import type { AuditEntry, AuditHead, AuditQuery, AuditStore } from "../ports/audit.ts";
import type { Logger } from "../ports/observer.ts";
import { redact } from "../secrets/redact.ts";
import type { AuditAction } from "./actions.ts";
import { seal } from "./chain.ts";

export interface AuditFact {
  readonly action: AuditAction;
  /** Whom it is about. */
  readonly user?: string | null;
  /** Who did it; absent: the user. */
  readonly by?: string | null;
  readonly address?: string | null;
  /** Plain JSON data; what is named like a secret is masked. */
  readonly detail?: Readonly<Record<string, unknown>>;
}

export interface Audit {
  /** Resolves once the entry survives `kill -9`. Rejects with `store_unavailable` when it could not be written. */
  append(fact: AuditFact): Promise<void>;
  /**
   * For what has happened already and cannot be refused any more: a failure is logged as an error. It is written within
   * `gatherMs`, together with what else is recorded by then: thousands may connect at once.
   */
  record(fact: AuditFact): void;
  search(query: AuditQuery): Promise<readonly AuditEntry[]>;
  /** Resolves when everything given so far is written (or its loss logged). For a drain, and before a search. */
  flush(): Promise<void>;
}

export interface AuditOptions {
  readonly store: AuditStore;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Milliseconds that an entry may wait for others where nobody waits for it. */
const gatherMs = 20;

/** The most entries of one transaction: its time is bounded, and with it the pause of everything else on this thread. */
const batchSize = 500;

interface Waiting {
  readonly entry: Omit<AuditEntry, "seq" | "previous" | "hash">;
  readonly written: () => void;
  readonly failed: (error: unknown) => void;
}

export function createAudit({ store, clock, logger }: AuditOptions): Audit {
  let waiting: Waiting[] = [];
  let head: AuditHead | undefined;
  let writing: Promise<void> | undefined;
  let gathering: NodeJS.Timeout | undefined;

  function append(fact: AuditFact): Promise<void> {
    const entry = entryOf(fact, clock.now());
    return new Promise((written, failed) => {
      waiting.push({ entry, written, failed });
      void write();
    });
  }

  function record(fact: AuditFact): void {
    const { action, user } = fact;
    const failed = (error: unknown) => logger.error({ err: error, action, user }, "an audit entry was lost");
    waiting.push({ entry: entryOf(fact, clock.now()), written: () => undefined, failed });
    if (!writing) gathering ??= setTimeout(write, gatherMs);
  }

  /** Resolves when nothing waits any more. */
  function write(): Promise<void> {
    clearTimeout(gathering);
    gathering = undefined;
    if (waiting.length > 0) writing ??= nextTick().then(writeAll);
    return writing ?? Promise.resolve();
  }

  async function writeAll(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting.slice(0, batchSize);
      waiting = waiting.slice(batchSize);
      await writeBatch(batch);
      if (waiting.length > 0) await nextTick();
    }
    writing = undefined;
  }

  async function writeBatch(batch: readonly Waiting[]): Promise<void> {
    try {
      // Another process of the same data (the command line) may have appended: then the chain goes on from there.
      for (head ??= await store.head(); ; head = await store.head()) {
        const sealed = sealAll(head, batch);
        if (await store.append(head, sealed)) {
          head = sealed.at(-1) ?? head;
          break;
        }
      }
      for (const { written } of batch) written();
    } catch (cause) {
      head = undefined;
      const error = new TruelineError("store_unavailable", "the audit log cannot be written", undefined, {
        cause,
      });
      for (const { failed } of batch) failed(error);
    }
  }

  return {
    append,
    record,
    search: async (query) => {
      await write();
      return store.search(query);
    },
    flush: write,
  };
}

/** When what is ready now has run, so that all that it appends is written together. */
const nextTick = () => new Promise<void>((resolve) => setImmediate(resolve));

function sealAll(head: AuditHead, batch: readonly Waiting[]): readonly AuditEntry[] {
  const sealed: AuditEntry[] = [];
  for (const { entry } of batch) sealed.push(seal(sealed.at(-1) ?? head, entry));
  return sealed;
}

function entryOf(fact: AuditFact, at: number): Waiting["entry"] {
  const { action, user = null, by = user, address = null, detail = {} } = fact;
  return { at, action, user, by, address, detail: JSON.stringify(redact(detail)) };
}
