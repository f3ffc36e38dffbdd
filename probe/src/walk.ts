/** One walk as it goes: its legs so far, each timed and bounded. Made by probe.ts for each walk. */
import type { InconclusiveCode, ProbeLeg, ProbeLegName } from "@trueline/protocol";
import { Inconclusive, LegFailure } from "./failures.ts";

/** What a leg gives: its value, and what else is worth recording. */
export interface Walked<T> {
  readonly value: T;
  /** Where the leg's time is not that of its work: what was waited for came earlier, or is measured from elsewhere. */
  readonly ms?: number;
  readonly detail?: string;
}

export type LegResult<T> = { readonly ok: true; readonly value: T } | { readonly ok: false };

export class Walk {
  readonly legs: ProbeLeg[] = [];
  inconclusive: { readonly code: InconclusiveCode; readonly message: string } | undefined;

  /** Walks a leg. It never throws and never takes longer than its budget, whatever `work` does. */
  async leg<T>(
    name: ProbeLegName,
    budgetMs: number,
    work: (signal: AbortSignal) => Promise<Walked<T>> | Walked<T>,
  ): Promise<LegResult<T>> {
    const begun = performance.now();
    try {
      const { value, ms = performance.now() - begun, detail } = await bounded(budgetMs, work);
      if (ms > budgetMs) throw new LegFailure(`took ${seconds(ms)}, and may take ${seconds(budgetMs)}`);
      this.#record({ name, ms, ok: true, budgetMs, ...(detail === undefined ? {} : { detail }) });
      return { ok: true, value };
    } catch (error) {
      if (error instanceof Inconclusive) this.inconclusive ??= { code: error.code, message: error.message };
      const detail =
        error instanceof LegFailure || error instanceof Inconclusive ? error.message : defect(error);
      this.#record({ name, ms: performance.now() - begun, ok: false, budgetMs, detail });
      return { ok: false };
    }
  }

  #record(leg: ProbeLeg): void {
    this.legs.push({ ...leg, ms: Math.round(leg.ms * 10) / 10 });
  }
}

async function bounded<T>(budgetMs: number, work: (signal: AbortSignal) => Promise<T> | T): Promise<T> {
  const abort = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      abort.abort();
      // What waits for the signal says more exactly what did not come: it goes first.
      setImmediate(() => reject(new LegFailure(`not over within ${seconds(budgetMs)}`)));
    }, budgetMs);
  });
  try {
    return await Promise.race([work(abort.signal), late]);
  } finally {
    clearTimeout(timer);
  }
}

export const seconds = (ms: number): string =>
  ms < 1000 ? `${Math.round(ms)} ms` : `${Number((ms / 1000).toFixed(1))} s`;

/** An error of the probe's own is reported, not taken for the gateway's silence. */
const defect = (error: unknown): string =>
  `the probe itself failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
