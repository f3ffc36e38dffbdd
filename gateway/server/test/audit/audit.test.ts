import { type AuditEntry, createAudit, seal, silentObserver, verifyAudit } from "@trueline/server";
import { chainAfter, createHandClock, createMemoryAuditStore } from "@trueline/server/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

function auditOf(store = createMemoryAuditStore()) {
  const errors: object[] = [];
  const logger = { ...silentObserver().logger, error: (fields: object) => void errors.push(fields) };
  return { store, errors, audit: createAudit({ store, clock: createHandClock(), logger }) };
}

async function filled(count: number) {
  const store = createMemoryAuditStore();
  await store.append(await store.head(), chainAfter(await store.head(), count));
  return store;
}

describe("the audit log", () => {
  it("IS5: entries stand in the order in which they were given, in few transactions, in one sound chain", async () => {
    const { store, audit } = auditOf();
    let transactions = 0;
    const counted = {
      ...store,
      append: (...given: Parameters<typeof store.append>) => {
        transactions++;
        return store.append(...given);
      },
    };
    const { audit: busy } = auditOf(counted);
    await Promise.all(
      Array.from({ length: 1200 }, (_, n) => busy.append({ action: "send", user: "ada", detail: { n } })),
    );
    expect(store.kept.entries.map(({ detail }) => JSON.parse(detail).n)).toEqual(
      Array.from({ length: 1200 }, (_, n) => n),
    );
    expect(transactions).toBeLessThanOrEqual(3);
    expect(await verifyAudit(store)).toMatchObject({ ok: true, count: 1200, head: store.kept.anchor });
    await audit.append({ action: "login", user: "bob" });
    expect(await verifyAudit(store)).toMatchObject({ ok: true, count: 1201 });
  });

  it("IS5: two processes that write at once make one chain", async () => {
    const { store, audit } = auditOf();
    const { audit: other } = auditOf(store);
    await Promise.all(
      Array.from({ length: 50 }, (_, n) => (n % 2 ? audit : other).append({ action: "send", user: `u${n}` })),
    );
    await Promise.all([audit.append({ action: "login" }), other.append({ action: "logout" })]);
    expect(await verifyAudit(store)).toMatchObject({ ok: true, count: 52 });
  });

  it("IS5: an entry that cannot be written is told to whoever waits for it, or logged, and the chain goes on later", async () => {
    const { store, audit, errors } = auditOf();
    store.failAppends(new Error("disk full"));
    await expect(audit.append({ action: "login", user: "ada" })).rejects.toMatchObject({
      code: "store_unavailable",
    });
    audit.record({ action: "disconnect", user: "ada" });
    await audit.flush();
    expect(errors).toMatchObject([{ action: "disconnect", user: "ada" }]);
    store.failAppends();
    await audit.append({ action: "login", user: "ada" });
    expect(await verifyAudit(store)).toMatchObject({ ok: true, count: 1 });
  });

  it("IS5: what is recorded is found by the next search, in its order among what somebody waited for", async () => {
    const { store, audit } = auditOf();
    audit.record({ action: "connect", user: "ada" });
    await audit.append({ action: "login", user: "bob" });
    audit.record({ action: "disconnect", user: "ada" });
    const found = await audit.search({ limit: 10 });
    expect(found.map(({ action }) => action)).toEqual(["disconnect", "login", "connect"]);
    expect(await verifyAudit(store)).toMatchObject({ ok: true, count: 3 });
  });

  it("AU5: a secret in the detail of an entry is masked", async () => {
    const { store, audit } = auditOf();
    await audit.append({ action: "login", detail: { refreshToken: "abc", note: "Bearer abcdefghi" } });
    expect(store.kept.entries[0]?.detail).toBe('{"refreshToken":"[redacted]","note":"Bearer [redacted]"}');
  });
});

describe("verifying it", () => {
  const broken = async (entries: (kept: AuditEntry[]) => AuditEntry[], anchor = true) => {
    const store = await filled(10);
    store.kept.entries = entries([...store.kept.entries]);
    const last = store.kept.entries.at(-1);
    if (!anchor && last) store.kept.anchor = { seq: last.seq, hash: last.hash };
    return verifyAudit(store);
  };
  const edit = (seq: number, fields: Partial<AuditEntry>) => (kept: AuditEntry[]) =>
    kept.map((entry) => (entry.seq === seq ? { ...entry, ...fields } : entry));

  it("IS5: names a changed entry, whichever field was changed", async () => {
    const changes: Partial<AuditEntry>[] = [
      { at: 1 },
      { action: "logout" },
      { user: "eve" },
      { by: null },
      { address: null },
      { detail: "{}" },
      { previous: "0".repeat(64) },
      { hash: "f".repeat(64) },
    ];
    for (const change of changes) {
      expect(await broken(edit(4, change))).toMatchObject({ ok: false, seq: 4 });
    }
    expect(await broken(edit(4, { detail: "{}" }))).toEqual({
      ok: false,
      seq: 4,
      message:
        "entry 4 (bob signed in, 1970-01-01T00:00:04.000Z) is broken: its content is not what its hash was taken of",
    });
  });

  it("IS5: names an entry that was replaced by a sealed one, removed, or moved", async () => {
    const replaced = await broken((kept) => {
      const before = kept[2] as AuditEntry;
      const { seq: _, previous: __, hash: ___, ...fields } = kept[3] as AuditEntry;
      return kept.map((entry) => (entry.seq === 4 ? seal(before, { ...fields, user: "eve" }) : entry));
    });
    expect(replaced).toMatchObject({ ok: false, seq: 4, message: expect.stringContaining("replaced") });
    expect(await broken((kept) => kept.filter(({ seq }) => seq !== 4))).toMatchObject({ ok: false, seq: 4 });
    expect(await broken((kept) => kept.slice(1))).toMatchObject({ ok: false, seq: 1 });
  });

  it("IS5: notices entries cut off at the end, by the anchor", async () => {
    expect(await broken((kept) => kept.slice(0, 7))).toMatchObject({ ok: false, seq: 8 });
    expect(await broken(() => [])).toMatchObject({ ok: false, seq: 1 });
  });

  it("IS5: notices a tail cut off together with its anchor, against a head that was noted", async () => {
    const store = await filled(10);
    const noted = store.kept.anchor;
    expect(await verifyAudit(store, noted)).toMatchObject({ ok: true });
    store.kept.entries = store.kept.entries.slice(0, 7);
    store.kept.anchor = { seq: 7, hash: store.kept.entries[6]?.hash ?? "" };
    expect(await verifyAudit(store)).toMatchObject({ ok: true, count: 7 });
    expect(await verifyAudit(store, noted)).toMatchObject({ ok: false, seq: 8 });
    await store.append(store.kept.anchor, chainAfter({ ...store.kept.anchor, seq: 7 }, 5));
    expect(await verifyAudit(store, { ...noted, hash: "0".repeat(64) })).toMatchObject({
      ok: false,
      seq: 10,
    });
  });

  it("IS5: whatever one field of one entry becomes, it is noticed at that entry or at the next", async () => {
    const store = await filled(12);
    const sound = [...store.kept.entries];
    const field = fc.constantFrom(
      "at",
      "action",
      "user",
      "by",
      "address",
      "detail",
      "previous",
      "hash",
      "seq",
    );
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 11 }),
        field,
        fc.oneof(fc.string(), fc.integer(), fc.constant(null)),
        async (at, name, value) => {
          const entry = sound[at] as AuditEntry;
          fc.pre(!Object.is(entry[name as keyof AuditEntry], value));
          store.kept.entries = sound.map((kept) => (kept === entry ? { ...kept, [name]: value } : kept));
          const verdict = await verifyAudit({
            ...store,
            read: async (after, limit) => (after === 0 ? store.kept.entries.slice(0, limit) : []),
          });
          expect(verdict).toMatchObject({ ok: false, seq: entry.seq });
        },
      ),
    );
  });
});
