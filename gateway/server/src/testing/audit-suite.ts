/** What every `AuditStore` must do, whatever it is made of. Each adapter runs it, the fake too. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { emptyHead, seal } from "../audit/chain.ts";
import type { AuditEntry, AuditHead, AuditStore } from "../ports/audit.ts";

export interface OpenAuditStore {
  readonly store: AuditStore;
  close(): Promise<void>;
}

/** `count` entries that follow `after`: users and actions take turns, a second lies between two. */
export function chainAfter(after: AuditHead, count: number): AuditEntry[] {
  const entries: AuditEntry[] = [];
  for (let index = 0; index < count; index++) {
    const last = entries.at(-1) ?? after;
    const user = last.seq % 2 === 0 ? "ada" : "bob";
    const action = last.seq % 3 === 0 ? "login" : "send";
    const fields = { at: (last.seq + 1) * 1000, action, user, by: user, address: "::1", detail: '{"n":"ü"}' };
    entries.push(seal(last, fields));
  }
  return entries;
}

export function auditSuite(name: string, open: () => Promise<OpenAuditStore>): void {
  describe(`AuditStore: ${name}`, () => {
    let opened: OpenAuditStore;
    let store: AuditStore;
    beforeEach(async () => {
      opened = await open();
      store = opened.store;
    });
    afterEach(() => opened.close());

    const seqs = (entries: readonly AuditEntry[]) => entries.map(({ seq }) => seq);

    it("IS5: entries come back as they were given, in order, and the anchor is the last one", async () => {
      expect(await store.head()).toEqual(emptyHead);
      const entries = chainAfter(emptyHead, 250);
      expect(await store.append(emptyHead, entries)).toBe(true);
      expect(await store.read(0, 1000)).toEqual(entries);
      expect(seqs(await store.read(248, 1))).toEqual([249]);
      expect(await store.head()).toEqual({ seq: 250, hash: entries.at(-1)?.hash });
    });

    it("IS5: of two appends to the same head one is done, whole, and the other not at all", async () => {
      const [one, two] = [chainAfter(emptyHead, 2), chainAfter(emptyHead, 3)];
      const done = await Promise.all([store.append(emptyHead, one), store.append(emptyHead, two)]);
      expect(done).toContain(true);
      expect(done).toContain(false);
      expect(await store.read(0, 10)).toEqual(done[0] ? one : two);
    });

    it("IS5: entries are found by user, action and time, newest first, page by page", async () => {
      await store.append(emptyHead, chainAfter(emptyHead, 12));
      expect(seqs(await store.search({ limit: 3 }))).toEqual([12, 11, 10]);
      expect(seqs(await store.search({ limit: 3, before: 10 }))).toEqual([9, 8, 7]);
      expect(seqs(await store.search({ limit: 9, user: "ada" }))).toEqual([11, 9, 7, 5, 3, 1]);
      expect(seqs(await store.search({ limit: 9, action: "login" }))).toEqual([10, 7, 4, 1]);
      expect(seqs(await store.search({ limit: 9, user: "ada", action: "login" }))).toEqual([7, 1]);
      expect(seqs(await store.search({ limit: 9, from: 3000, to: 5000 }))).toEqual([4, 3]);
    });
  });
}
