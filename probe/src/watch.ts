/** Walks the golden path again and again. Never two walks at once, and no walk's trouble ends the watch. */
import type { ProbeReport } from "@trueline/protocol";
import type { Probe } from "./probe.ts";

export interface WatchOptions {
  /** Asked before each walk, so that accounts can be made when they are first needed. */
  readonly probe: () => Promise<Probe> | Probe;
  /** Milliseconds from the beginning of a walk to the next; one that takes longer is followed by the next at once. */
  readonly everyMs: number;
  /** Milliseconds until the first walk. Default 0. */
  readonly firstAfterMs?: number;
  readonly onReport: (report: ProbeReport) => Promise<void> | void;
  /** What `probe` or `onReport` threw. */
  readonly onTrouble: (error: unknown) => void;
}

export interface Watch {
  /** No walk begins and no report is given from here on. Resolves when the walk in progress has ended. */
  stop(): Promise<void>;
}

export function watch({ probe, everyMs, firstAfterMs = 0, onReport, onTrouble }: WatchOptions): Watch {
  let stopped = false;
  let timer = setTimeout(next, firstAfterMs);
  let walking: Promise<void> = Promise.resolve();

  function next(): void {
    const begun = performance.now();
    walking = walk().then(() => {
      if (!stopped) timer = setTimeout(next, Math.max(0, everyMs - (performance.now() - begun)));
    });
  }

  async function walk(): Promise<void> {
    try {
      const report = await (await probe()).run();
      if (!stopped) await onReport(report);
    } catch (error) {
      if (!stopped) onTrouble(error);
    }
  }

  return {
    stop() {
      stopped = true;
      clearTimeout(timer);
      return walking;
    },
  };
}
