/**
 * Where the audit log is kept: a chain of entries that is only ever appended to, and an anchor that says where it ends.
 * Hashes are made and checked in audit/; a store keeps what it is given. Adapters run testing/audit-suite.ts.
 */

export interface AuditEntry {
  /** Counts from 1 without a gap. */
  readonly seq: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly action: string;
  /** Whom it is about. */
  readonly user: string | null;
  /** Who did it: a user's id, or the part of the system that acted by itself. */
  readonly by: string | null;
  /** The network address it came from. */
  readonly address: string | null;
  /** JSON object, as text: kept byte for byte, since its hash was taken. */
  readonly detail: string;
  /** Hash of the entry before; 64 zeros before the first. */
  readonly previous: string;
  readonly hash: string;
}

/** Where the chain ends: seq 0 and 64 zeros when it is empty. */
export interface AuditHead {
  readonly seq: number;
  readonly hash: string;
}

export interface AuditQuery {
  readonly user?: string | undefined;
  readonly action?: string | undefined;
  /** Milliseconds since 1970, inclusive. */
  readonly from?: number | undefined;
  /** Exclusive. */
  readonly to?: number | undefined;
  /** Only entries with a smaller seq: the next page. */
  readonly before?: number | undefined;
  readonly limit: number;
}

/** What holds the entries or the anchor is not there: somebody took it away. The message says which. */
export class AuditDamagedError extends Error {
  override readonly name = "AuditDamagedError";
}

export interface AuditStore {
  /** The anchor, which is kept apart from the entries. This and `read` reject with `AuditDamagedError`. */
  head(): Promise<AuditHead>;
  /**
   * Appends, and moves the anchor, in one transaction: if the anchor still is `after`, otherwise nothing happens and it
   * gives false (another process appended). Resolves once it survives `kill -9`.
   */
  append(after: AuditHead, entries: readonly AuditEntry[]): Promise<boolean>;
  /** Entries with `after < seq`, in order. */
  read(after: number, limit: number): Promise<readonly AuditEntry[]>;
  /** Newest first. */
  search(query: AuditQuery): Promise<readonly AuditEntry[]>;
}
