/**
 * A process that appends as fast as it can and reports each append after the store acknowledged it, until it is killed.
 * Started by tests with the data directory, and how many users it appends for.
 */
import { randomToken, type UserId } from "@trueline/kit";
import { openSqliteStores } from "@trueline/stores";

export interface Acknowledged {
  readonly epoch: string;
  readonly seqs: readonly {
    readonly owner: string;
    readonly firstSeq: number;
    readonly bodies: readonly string[];
  }[];
}

const [directory = "", users = "3"] = process.argv.slice(2);
const { eventLog } = await openSqliteStores({ directory });
const owners = Array.from({ length: Number(users) }, (_, index) => `usr_${index}` as UserId);

for (let round = 0; ; round++) {
  const batch = owners
    .filter((_, index) => (round + index) % 3 !== 0)
    .map((owner) => ({
      owner,
      bodies: Array.from({ length: 1 + (round % 4) }, () => randomToken(20 + (round % 50) * 20)),
    }));
  const firstSeqs = await eventLog.append(
    batch.map(({ owner, bodies }) => ({
      owner,
      records: bodies.map((body) => ({ type: "text_delta", body })),
    })),
  );
  const { epoch } = await eventLog.head(owners[0] as UserId);
  const seqs = batch.map(({ owner, bodies }, index) => ({
    owner,
    firstSeq: firstSeqs[index] ?? Number.NaN,
    bodies,
  }));
  await new Promise((resolve) => process.send?.({ epoch, seqs } satisfies Acknowledged, resolve));
}
