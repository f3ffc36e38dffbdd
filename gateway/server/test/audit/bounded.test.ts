import { expect, it } from "vitest";
import { boundRefusals } from "../../src/audit/bounded.ts";
import type { AuditFact } from "../../src/index.ts";
import { createHandClock } from "../../src/testing/index.ts";

it("IS5: refusals are bounded for each user and address, say how many were left out, and drown nothing else", () => {
  const clock = createHandClock();
  const written: AuditFact[] = [];
  const inner = {
    append: async () => undefined,
    record: (fact: AuditFact) => void written.push(fact),
    search: async () => [],
    flush: async () => undefined,
  };
  const audit = boundRefusals(inner, clock);
  const refuse = (user: string) => audit.record({ action: "send_refused", user, detail: { code: "x" } });
  for (let time = 0; time < 100; time++) refuse("ada");
  refuse("bob");
  for (let time = 0; time < 100; time++) audit.record({ action: "send", user: "ada" });
  const of = (user: string, action: string) =>
    written.filter((fact) => fact.user === user && fact.action === action).length;
  expect([of("ada", "send_refused"), of("bob", "send_refused"), of("ada", "send")]).toEqual([60, 1, 100]);
  clock.advance(60_000);
  refuse("ada");
  refuse("ada");
  expect(written.slice(-2).map(({ detail }) => detail)).toEqual([{ code: "x", leftOut: 40 }, { code: "x" }]);
});
