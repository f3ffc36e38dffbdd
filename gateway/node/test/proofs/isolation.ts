/**
 * **Isolation** (IS4, IS2): many users at once, each with a secret marker in messages, titles, tool calls and results,
 * failures and answers. Every byte that anybody gets is searched for markers of others; ids of others are tried on every
 * route and frame, and must read exactly as ids that do not exist.
 */
import { ChildGateway } from "./support/child-gateway.ts";
import { findDifferences } from "./support/foreign-ids.ts";
import { markerPattern } from "./support/marker-agent.ts";
import { Resident } from "./support/resident.ts";
import { type Verdict, warningsIn } from "./support/verdict.ts";

export interface IsolationOptions {
  readonly users: number;
  /** Users who try the ids of another one. */
  readonly foreign: number;
  readonly onProgress?: (line: string) => void;
}

interface Found {
  readonly users: number;
  readonly bytesSearched: number;
  readonly markersSeen: number;
  readonly foreignMarkers: number;
  readonly foreignIdsTried: number;
  /** Milliseconds of the middle answer, to a foreign id and to one that does not exist. */
  readonly medianForeignMs: number;
  readonly medianMissingMs: number;
}

/** Users whose calls over HTTP are on their way at the same time. */
const callersAtOnce = 50;

export async function proveIsolation(options: IsolationOptions): Promise<Verdict<Found>> {
  const { users, foreign, onProgress } = options;
  const gateway = new ChildGateway({ log: "debug" });
  const residents = Array.from({ length: users }, (_, index) => new Resident(index, gateway));
  const admin = new Resident("admin.root", gateway);
  try {
    await gateway.start();
    await inTurns(residents, (resident) => resident.enter());
    onProgress?.(`${users} users are connected, by WebSocket and SSE`);
    for (const resident of residents) resident.ask();
    await Promise.all(residents.map((resident) => resident.answered()));
    onProgress?.("all have their answers");
    await inTurns(residents, (resident) => resident.readEverything());
    onProgress?.("all have read their threads");
    const pairs = residents.slice(0, foreign).map((resident, index) => {
      return { resident, other: residents[(index + 1) % residents.length] ?? admin };
    });
    const tried = await inTurns(pairs, ({ resident, other }) => findDifferences(resident, other));
    onProgress?.("foreign ids were tried");
    const shared = await readShared(admin, residents);
    const times = {
      medianForeignMs: median(tried.flatMap(({ foreignMs }) => foreignMs)),
      medianMissingMs: median(tried.flatMap(({ missingMs }) => missingMs)),
    };
    const stolen = residents.flatMap((resident) => resident.foreignMarkers());
    return {
      faults: [
        ...stolen,
        ...markersIn("audit log, overview, users", shared.audit),
        ...markersIn("/metrics", shared.metrics),
        ...markersIn("the server's log", gateway.output),
        ...tried.flatMap(({ faults }) => faults),
        ...(foreign >= enoughToCompare ? differenceOf(times) : []),
        ...violationsIn(shared.metrics),
        ...residents.flatMap(({ faults }) => faults),
        ...warningsIn(
          gateway.output
            .split("\n")
            .filter((line) => /"level":[56]0/.test(line))
            .join("\n"),
        ),
      ],
      found: {
        users,
        bytesSearched: residents.reduce((sum, { bytes }) => sum + bytes, 0),
        markersSeen: residents.reduce((sum, { markers }) => sum + markers, 0),
        foreignMarkers: stolen.length,
        foreignIdsTried: tried.reduce((sum, { count }) => sum + count, 0),
        ...times,
      },
    };
  } finally {
    for (const resident of residents) resident.leave();
    await gateway.remove();
  }
}

/** Users who tried below which a middle says nothing; the short form asserts no time. */
const enoughToCompare = 100;

const differenceOf = (times: { medianForeignMs: number; medianMissingMs: number }): readonly string[] => {
  const ratio = times.medianForeignMs / times.medianMissingMs;
  return ratio > 0.5 && ratio < 2 ? [] : [`a foreign id is told by its time: ${JSON.stringify(times)}`];
};

async function inTurns<Item, Result>(
  items: readonly Item[],
  act: (item: Item) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  const waiting = [...items];
  const work = async (): Promise<void> => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift())
      results.push(await act(item));
  };
  await Promise.all(Array.from({ length: callersAtOnce }, work));
  return results;
}

/** What is not of one user. Nothing that a user wrote may stand in it. */
async function readShared(admin: Resident, residents: readonly Resident[]) {
  const paths = [
    "/v1/admin/overview",
    "/v1/admin/users?limit=100",
    "/v1/admin/audit?limit=200",
    ...residents.slice(0, 20).map(({ id }) => `/v1/admin/audit?limit=200&user=${id}`),
  ];
  const pages = await Promise.all(paths.map((path) => admin.call("GET", path)));
  const metrics = await admin.call("GET", "/metrics", undefined, "metrics");
  return { audit: pages.map(({ body }) => body).join("\n"), metrics: metrics.body };
}

const markersIn = (where: string, text: string): readonly string[] =>
  [...new Set(text.match(markerPattern))].map((marker) => `${marker} stands in ${where}`).slice(0, 5);

const violationsIn = (metrics: string): readonly string[] => {
  const count = /^trueline_isolation_violations_total(?:\{[^}]*\})? (\d+)$/m.exec(metrics)?.[1];
  return count === "0" ? [] : [`trueline_isolation_violations_total is ${count}`];
};

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return Math.round((sorted[Math.floor(sorted.length / 2)] ?? 0) * 100) / 100;
}
