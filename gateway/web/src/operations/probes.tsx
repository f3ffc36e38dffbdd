/** What the probe found when it walked the golden path. */
import type { OverviewResponse } from "@trueline/client";
import { formatDuration, formatTime } from "../format.ts";

export function Probes({ probes }: Pick<OverviewResponse, "probes">) {
  return (
    <section aria-labelledby="ops-probe">
      <h2 id="ops-probe">Probe</h2>
      {probes.length === 0 ? (
        <p className="quiet">
          No probe has run against this gateway, so nothing has walked the golden path from outside yet.
        </p>
      ) : (
        <ol className="probes">
          {probes.map((probe) => (
            <li key={probe.at}>
              <span className={`badge ${probe.ok ? "good" : "bad"}`}>{probe.ok ? "passed" : "failed"}</span>
              <time dateTime={probe.at}>{formatTime(probe.at)}</time>
              <span>{formatDuration(probe.durationMs)}</span>
              {probe.message === undefined ? null : <span>{probe.message}</span>}
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}
