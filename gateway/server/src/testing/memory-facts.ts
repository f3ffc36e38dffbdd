/** `Facts` in memory. */
import type { ProbeReport } from "@trueline/protocol";
import type { Facts, FactsPeriod, RecordedMinute } from "../ports/facts.ts";

export function createMemoryFacts(): Facts {
  let probes: readonly ProbeReport[] = [];
  let minutes: readonly RecordedMinute[] = [];
  const during = (
    at: number,
    { from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY }: Partial<FactsPeriod>,
  ) => at >= from && at < to;
  return {
    async addProbe(report) {
      probes = [...probes, report].sort((a, b) => Date.parse(b.at) - Date.parse(a.at));
    },
    probes: async (query) => probes.filter(({ at }) => during(Date.parse(at), query)).slice(0, query.limit),
    async putMinutes(given) {
      const ids = new Set(given.map(({ id }) => id));
      minutes = [...minutes.filter(({ id }) => !ids.has(id)), ...given].sort((a, b) => a.minute - b.minute);
    },
    minutes: async (period) =>
      minutes.filter(({ minute }) => during(minute, period)).map(({ id: _, ...facts }) => facts),
    async trim(before) {
      const held = probes.length + minutes.length;
      probes = probes.filter(({ at }) => Date.parse(at) >= before.probes);
      minutes = minutes.filter(({ minute }) => minute >= before.minutes);
      return held - probes.length - minutes.length;
    },
  };
}
