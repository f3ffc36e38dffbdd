/** What the probe found when it walked the golden path: the history as bars, the newest walks in words. */
import type { OverviewResponse } from "@trueline/client";
import { formatDuration, formatTime } from "../format.ts";

type Probe = OverviewResponse["probes"][number];

const shownInWords = 5;

/** `probes`: newest first. */
export function Probes({ probes }: Pick<OverviewResponse, "probes">) {
  return (
    <section aria-labelledby="ops-probe">
      <h2 id="ops-probe">Probe</h2>
      {probes.length === 0 ? (
        <p className="quiet">
          No probe has run against this gateway yet, so nothing has walked the golden path from outside.
        </p>
      ) : (
        <>
          <History probes={probes} />
          <ol className="probes">
            {worthWords(probes).map((probe) => (
              <li key={probe.at}>
                <span className={`badge ${probe.ok ? "good" : "bad"}`}>{probe.ok ? "passed" : "failed"}</span>
                <time dateTime={probe.at}>{formatTime(probe.at)}</time>
                <span>{formatDuration(probe.durationMs)}</span>
                {probe.message === undefined ? null : <span>{probe.message}</span>}
              </li>
            ))}
          </ol>
        </>
      )}
    </section>
  );
}

/** One bar a walk, the newest on the right, as high as it took long. */
function History({ probes }: { readonly probes: readonly Probe[] }) {
  const passed = probes.filter((probe) => probe.ok).length;
  const longest = Math.max(...probes.map((probe) => probe.durationMs), 1);
  const summary =
    probes.length === 1
      ? `The only walk so far ${passed === 1 ? "passed" : "failed"}`
      : `${passed} of the last ${probes.length} walks passed`;
  return (
    <>
      <p className={passed === probes.length ? "quiet" : "probes-failed"}>{summary}</p>
      <div className="walks" aria-hidden="true">
        {probes.toReversed().map((probe) => (
          <i
            key={probe.at}
            className={probe.ok ? "ok" : "failed"}
            style={{ height: `${Math.max(12, (100 * probe.durationMs) / longest)}%` }}
            title={`${formatTime(probe.at)}: ${probe.ok ? "passed" : "failed"}, ${formatDuration(probe.durationMs)}`}
          />
        ))}
      </div>
    </>
  );
}

/** Failures before all else; then the newest. */
const worthWords = (probes: readonly Probe[]): readonly Probe[] =>
  probes.toSorted((one, other) => Number(one.ok) - Number(other.ok)).slice(0, shownInWords);
