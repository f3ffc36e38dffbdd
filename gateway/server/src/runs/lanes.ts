/**
 * Who has which thread: one run executes in a thread, the others wait behind it in the order they came. Knows nothing
 * of how a run executes; taking a place is one synchronous step.
 */
import type { RunId, ThreadId } from "@trueline/kit";
import type { LiveRun } from "./live-run.ts";

interface Lane {
  active: LiveRun | undefined;
  waiting: LiveRun[];
}

export class Lanes {
  readonly #lanes = new Map<ThreadId, Lane>();
  readonly #runs = new Map<RunId, LiveRun>();

  get size(): number {
    return this.#runs.size;
  }

  get all(): readonly LiveRun[] {
    return [...this.#runs.values()];
  }

  /** Runs that have a thread. */
  get activeCount(): number {
    return [...this.#lanes.values()].filter((lane) => lane.active !== undefined).length;
  }

  find(id: RunId): LiveRun | undefined {
    return this.#runs.get(id);
  }

  active(thread: ThreadId): LiveRun | undefined {
    return this.#lanes.get(thread)?.active;
  }

  waiting(thread: ThreadId): readonly LiveRun[] {
    return this.#lanes.get(thread)?.waiting ?? [];
  }

  take(run: LiveRun): void {
    this.#runs.set(run.id, run);
    this.#lane(run.threadId).active = run;
  }

  queue(run: LiveRun): void {
    this.#runs.set(run.id, run);
    this.#lane(run.threadId).waiting.push(run);
  }

  /** The run does not wait any more, but is not gone yet. False when it was not waiting. */
  stepOut(run: LiveRun): boolean {
    const lane = this.#lane(run.threadId);
    const waited = lane.waiting.includes(run);
    lane.waiting = lane.waiting.filter((other) => other !== run);
    return waited;
  }

  leave(run: LiveRun): void {
    this.#runs.delete(run.id);
    const lane = this.#lanes.get(run.threadId);
    if (lane === undefined) return;
    if (lane.active === run) lane.active = undefined;
    lane.waiting = lane.waiting.filter((other) => other !== run);
    if (lane.active === undefined && lane.waiting.length === 0) this.#lanes.delete(run.threadId);
  }

  /** Gives a free thread to the first that waits for it, once that one is accepted. */
  promote(thread: ThreadId): LiveRun | undefined {
    const lane = this.#lanes.get(thread);
    if (lane === undefined || lane.active !== undefined) return undefined;
    const [first, ...rest] = lane.waiting;
    if (first?.phase !== "waiting") return undefined;
    lane.active = first;
    lane.waiting = rest;
    return first;
  }

  #lane(thread: ThreadId): Lane {
    const lane = this.#lanes.get(thread) ?? { active: undefined, waiting: [] };
    this.#lanes.set(thread, lane);
    return lane;
  }
}
