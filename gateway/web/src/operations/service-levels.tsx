/** How far the service levels were kept in the last 30 days: by what users did, and by what the probe found. */
import type { ServiceLevel, ServiceLevelName, ServiceLevelsReport } from "@trueline/client";
import { useClient } from "@trueline/client/react";
import { useCallback } from "react";
import { formatCount, formatShare, formatTime } from "../format.ts";
import { Note } from "../parts/note.tsx";
import { loadServiceLevels } from "./calls.ts";
import { useLoaded } from "./use-loaded.ts";

/** They are counted by the minute. */
const everyMs = 60_000;

export function ServiceLevels() {
  const client = useClient();
  const load = useCallback((signal: AbortSignal) => loadServiceLevels(client, signal), [client]);
  const loaded = useLoaded(load, everyMs);
  const report = loaded.state === "loading" ? undefined : loaded.value;
  return (
    <section aria-labelledby="ops-levels">
      <h2 id="ops-levels">Service levels</h2>
      {loaded.state === "failed" ? (
        <Note kind="bad" urgent>
          <strong>The service levels could not be read.</strong> {loaded.message} Trying again every minute.
        </Note>
      ) : null}
      {loaded.state === "loading" ? <p className="quiet">Loading…</p> : null}
      {report === undefined ? null : <Report report={report} />}
    </section>
  );
}

function Report({ report }: { readonly report: ServiceLevelsReport }) {
  const { firstFactAt, lastFactAt, levels } = report;
  if (firstFactAt === null || lastFactAt === null) {
    return (
      <p className="quiet">
        Nothing was recorded in the last 30 days, neither of users nor of a probe, so there is nothing to
        judge yet.
      </p>
    );
  }
  return (
    <>
      <Summary levels={levels} />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a wide table must be scrollable by keyboard */}
      <section className="table-scroll" tabIndex={0} aria-label="Service levels">
        <table className="data levels">
          <thead>
            <tr>
              <th scope="col">Level</th>
              <th scope="col">Seen by</th>
              <th scope="col" className="number">
                Measured
              </th>
              <th scope="col" className="number">
                Error budget
              </th>
              <th scope="col">Alerts</th>
            </tr>
          </thead>
          {[...Map.groupBy(levels, (level) => level.name)].map(([name, rows]) => (
            <Level key={name} name={name} rows={rows} />
          ))}
        </table>
      </section>
      <p className="quiet levels-foot">
        The last 30 days, as far as recorded: {formatTime(firstFactAt)} to {formatTime(lastFactAt)}.
      </p>
    </>
  );
}

/** The table is wider than a phone: what matters stands above it. */
function Summary({ levels }: Pick<ServiceLevelsReport, "levels">) {
  const called = ({ name, source }: ServiceLevel) => `${names[name]} (${sources[source]})`;
  const firing = levels.filter((level) => level.alerts.some((alert) => alert.firing));
  const missed = levels.filter((level) => level.met === false);
  if (firing.length + missed.length === 0)
    return (
      <p className="quiet levels-summary">All that was counted is within its aim, and no alert is firing.</p>
    );
  return (
    <p className="missed levels-summary">
      {missed.length > 0 ? `Missed: ${missed.map(called).join(", ")}. ` : ""}
      {firing.length > 0 ? `Alerts: ${firing.map(called).join(", ")}.` : ""}
    </p>
  );
}

const names: Readonly<Record<ServiceLevelName, string>> = {
  golden_path: "Golden path",
  first_event: "First event",
  answer: "Answer",
  delivery: "Delivery",
  isolation: "Isolation",
};

/** Users first: the probe is there for the hours in which nobody comes. */
const sources = { traffic: "users", probe: "probe" } as const;

function Level({ name, rows }: { readonly name: ServiceLevelName; readonly rows: readonly ServiceLevel[] }) {
  const inOrder = rows.toSorted(
    (one, other) => Number(one.source === "probe") - Number(other.source === "probe"),
  );
  const first = inOrder[0];
  return (
    <tbody>
      {inOrder.map((level, index) => (
        <tr key={level.source}>
          {index === 0 && first !== undefined ? (
            <th scope="rowgroup" rowSpan={inOrder.length}>
              {names[name]}
              <small>{objectiveOf(first)}</small>
            </th>
          ) : null}
          <td title={level.description}>{sources[level.source]}</td>
          <Measured level={level} />
          <td>
            <Alerts level={level} />
          </td>
        </tr>
      ))}
    </tbody>
  );
}

const objectiveOf = ({ objective, withinMs }: ServiceLevel): string =>
  `aim: ${formatShare(objective)}${withinMs === undefined ? "" : ` within ${withinMs / 1_000} s`}`;

function Measured({ level }: { readonly level: ServiceLevel }) {
  const { ratio, good, bad, met } = level;
  if (ratio === null) {
    return (
      <>
        <td className="number quiet">nothing yet</td>
        <td className="number quiet">–</td>
      </>
    );
  }
  return (
    <>
      <td className={`number ${met === false ? "missed" : ""}`} title={level.description}>
        {formatShare(ratio)}
        <small>
          {bad === 0
            ? `all of ${formatCount(good)}`
            : `${formatCount(bad)} of ${formatCount(good + bad)} missed`}
        </small>
      </td>
      <td className="number">{budgetOf(level)}</td>
    </>
  );
}

function budgetOf({ objective, bad, budget }: ServiceLevel): string {
  if (objective === 1) return bad === 0 ? "no miss allowed" : "overdrawn";
  return budget.left > 0 ? `${formatShare(budget.left)} left` : "used up";
}

function Alerts({ level }: { readonly level: ServiceLevel }) {
  const firing = level.alerts.filter((alert) => alert.firing);
  if (firing.length === 0) return <span className="quiet">none</span>;
  return firing.map((alert) => (
    <span key={`${alert.severity} ${alert.factor}`} className="badge bad">
      {alert.severity}: burns over {alert.factor}× the budget
    </span>
  ));
}
