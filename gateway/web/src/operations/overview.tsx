/** How the gateway is doing now: its numbers, how they went, and how long things take. */
import type { Latency, OverviewResponse } from "@trueline/client";
import { useClient } from "@trueline/client/react";
import { type ReactNode, useCallback, useMemo } from "react";
import { formatCount, formatDuration, formatTime, plural } from "../format.ts";
import { Note } from "../parts/note.tsx";
import { loadOverview } from "./calls.ts";
import { Chart } from "./chart.tsx";
import { Probes } from "./probes.tsx";
import { useLoaded } from "./use-loaded.ts";

const everyMs = 5_000;

/** `children`: what comes after the numbers; not before there is something above it. */
export function Overview({ children }: { readonly children: ReactNode }) {
  const client = useClient();
  const load = useCallback((signal: AbortSignal) => loadOverview(client, signal), [client]);
  const loaded = useLoaded(load, everyMs);
  if (loaded.state === "loading") return <p className="quiet">Loading…</p>;
  return (
    <>
      {loaded.state === "failed" ? (
        <Note kind="bad" urgent>
          <strong>These numbers are not up to date.</strong> {loaded.message} Trying again every{" "}
          {everyMs / 1_000} seconds.
        </Note>
      ) : null}
      {loaded.value === undefined ? null : <Numbers overview={loaded.value} />}
      {children}
    </>
  );
}

function Numbers({ overview }: { readonly overview: OverviewResponse }) {
  const { connections, runs, samples } = overview;
  const times = useMemo(() => samples.map((sample) => Date.parse(sample.at) / 1_000), [samples]);
  const columns = useMemo(
    () => ({
      connections: samples.map((sample) => sample.connections),
      runs: samples.map((sample) => sample.runs),
      events: samples.map((sample) => sample.eventsPerSecond),
    }),
    [samples],
  );
  return (
    <>
      <section aria-labelledby="ops-now">
        <h2 id="ops-now">Now</h2>
        <dl className="tiles">
          <Tile
            label="Connections"
            value={connections.ws + connections.sse}
            note={describeWays(connections)}
          />
          <Tile label="Runs" value={runs.running} note={`${formatCount(runs.queued)} queued`} />
          <Tile
            label="Slow readers"
            value={overview.slowReaders}
            note={plural(overview.resets, "reset")}
            mark={overview.slowReaders > 0 ? "warn" : undefined}
          />
          <Tile
            label="Isolation violations"
            value={overview.isolationViolations}
            note={
              overview.isolationViolations === 0 ? "none since the start" : "an incident: see the audit log"
            }
            mark={overview.isolationViolations === 0 ? "good" : "bad"}
          />
        </dl>
        <div className="charts">
          <Chart title="Events per second" times={times} values={columns.events} format={formatRate} />
          <Chart title="Connections" times={times} values={columns.connections} format={formatCount} />
          <Chart title="Runs" times={times} values={columns.runs} format={formatCount} />
        </div>
      </section>
      <Latencies overview={overview} />
      <Probes probes={overview.probes} />
      <p className="quiet">
        Trueline {overview.version}, started {formatTime(overview.startedAt)}. Since then{" "}
        {formatCount(runs.completed)} runs completed, {formatCount(runs.failed)} failed,{" "}
        {formatCount(runs.cancelled)} were stopped; {formatCount(overview.events.appended)} events were
        written. Memory {Math.round(overview.memory.rssBytes / 1_048_576)} MiB, with{" "}
        {plural(overview.managers, "user")} in it.
      </p>
    </>
  );
}

/** By which of the two ways they came. */
function describeWays({ ws, sse }: OverviewResponse["connections"]): string {
  if (ws + sse === 0) return "nobody is connected";
  return sse === 0 ? "open now" : `${formatCount(ws)} WebSocket, ${formatCount(sse)} SSE`;
}

interface TileProps {
  readonly label: string;
  readonly value: number;
  readonly note: string;
  readonly mark?: "good" | "warn" | "bad" | undefined;
}

function Tile({ label, value, note, mark }: TileProps) {
  return (
    <div className={`tile ${mark ?? ""}`}>
      <dt>{label}</dt>
      <dd>
        <strong>{formatCount(value)}</strong>
        <small>{note}</small>
      </dd>
    </div>
  );
}

const measured = [
  { key: "firstEvent", label: "First event", what: "from the accepted message to the run's first event" },
  {
    key: "firstText",
    label: "First text",
    what: "from the accepted message to the first piece of the answer",
  },
  { key: "added", label: "Added by the gateway", what: "between the model's first token and the event log" },
  { key: "commit", label: "Commit", what: "one write of the event log" },
] as const;

function Latencies({ overview }: { readonly overview: OverviewResponse }) {
  return (
    <section aria-labelledby="ops-latency">
      <h2 id="ops-latency">How long it takes</h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a wide table must be scrollable by keyboard */}
      <section className="table-scroll" tabIndex={0} aria-label="Latencies">
        <table className="data">
          <thead>
            <tr>
              <th scope="col">Measured</th>
              <th scope="col" className="number">
                Median
              </th>
              <th scope="col" className="number">
                95 %
              </th>
              <th scope="col" className="number">
                99 %
              </th>
              <th scope="col" className="number">
                Count
              </th>
            </tr>
          </thead>
          <tbody>
            {measured.map(({ key, label, what }) => (
              <tr key={key}>
                <th scope="row">
                  {label}
                  <small>{what}</small>
                </th>
                <LatencyCells latency={overview.latencies[key]} />
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </section>
  );
}

function LatencyCells({ latency }: { readonly latency: Latency }) {
  if (latency === null) {
    return (
      <td colSpan={4} className="quiet">
        nothing measured yet
      </td>
    );
  }
  return (
    <>
      {[latency.p50, latency.p95, latency.p99].map((ms, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: always the same three
        <td key={index} className="number">
          {formatDuration(ms)}
        </td>
      ))}
      <td className="number">{formatCount(latency.count)}</td>
    </>
  );
}

const formatRate = (rate: number): string => (rate < 10 ? rate.toFixed(1) : formatCount(Math.round(rate)));
