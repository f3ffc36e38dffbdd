/** `Facts` in SQL, for every database that kysely speaks to. What is only ever read whole is one JSON column. */
import type { FactSource, ProbeReport } from "@trueline/protocol";
import type { Facts, MinuteFacts, RecordedMinute } from "@trueline/server";
import type { Kysely } from "kysely";
import type { Tables } from "./tables.ts";

export function createSqlFacts(queries: Kysely<Tables>): Facts {
  return {
    async addProbe(report) {
      const row = { at: Date.parse(report.at), report: JSON.stringify(report) };
      await queries.insertInto("probe_walks").values(row).execute();
    },

    async probes({ from, to, limit }) {
      let found = queries.selectFrom("probe_walks").select("report");
      if (from !== undefined) found = found.where("at", ">=", from);
      if (to !== undefined) found = found.where("at", "<", to);
      const rows = await found.orderBy("at", "desc").orderBy("number", "desc").limit(limit).execute();
      return rows.map(({ report }) => JSON.parse(report) as ProbeReport);
    },

    putMinutes: (minutes) =>
      queries.transaction().execute(async (transaction) => {
        for (const { id, minute, source, ...facts } of minutes) {
          const json = JSON.stringify(facts);
          await transaction
            .insertInto("fact_minutes")
            .values({ id, minute, source, facts: json })
            .onConflict((conflict) => conflict.column("id").doUpdateSet({ facts: json }))
            .execute();
        }
      }),

    async minutes({ from, to }) {
      const rows = await queries
        .selectFrom("fact_minutes")
        .select(["minute", "source", "facts"])
        .where("minute", ">=", from)
        .where("minute", "<", to)
        .orderBy("minute")
        .execute();
      return rows.map(minuteOf);
    },

    async trim(before) {
      const walks = await queries
        .deleteFrom("probe_walks")
        .where("at", "<", before.probes)
        .executeTakeFirst();
      const minutes = await queries
        .deleteFrom("fact_minutes")
        .where("minute", "<", before.minutes)
        .executeTakeFirst();
      return Number(walks.numDeletedRows + minutes.numDeletedRows);
    },
  };
}

type StoredFacts = Omit<RecordedMinute, "id" | "minute" | "source">;

function minuteOf({
  minute,
  source,
  facts,
}: {
  minute: number;
  source: FactSource;
  facts: string;
}): MinuteFacts {
  return { minute, source, ...(JSON.parse(facts) as StoredFacts) };
}
