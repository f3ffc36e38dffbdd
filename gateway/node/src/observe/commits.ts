/** Since when the event log takes nothing any more (HC1): put around the observer by parts.ts, read by health.ts. */
import type { Clock } from "@trueline/kit";
import type { Observer } from "@trueline/server";

export interface Commits {
  /** Milliseconds since the first commit that failed after the last one that did not; 0 while they succeed. */
  failingForMs(): number;
}

export function watchCommits(inner: Observer, clock: Clock): { observer: Observer; commits: Commits } {
  let failingSince: number | undefined;
  const observer: Observer = {
    ...inner,
    committed(durationMs, events) {
      failingSince = undefined;
      inner.committed(durationMs, events);
    },
    commitFailed(error) {
      failingSince ??= clock.monotonic();
      inner.commitFailed(error);
    },
  };
  const failingForMs = () => (failingSince === undefined ? 0 : clock.monotonic() - failingSince);
  return { observer, commits: { failingForMs } };
}
