/** What `/healthz` and `/readyz` say (HC1): everything is measured when it is asked for, nothing is a constant. */
import { monitorEventLoopDelay } from "node:perf_hooks";

export interface Check {
  readonly ok: boolean;
  /** What was found, for a person. */
  readonly detail: string;
}

export interface Readiness {
  readonly ready: boolean;
  readonly checks: Readonly<Record<string, Check>>;
}

export interface HealthOptions {
  /** Writes something and waits until it is stored. Rejects when it cannot. */
  readonly writeToStore: () => Promise<void>;
  /** For how long commits of the event log have failed, milliseconds. */
  readonly commitsFailingForMs: () => number;
  readonly onStoreFailure: (error: unknown) => void;
  readonly isDraining: () => boolean;
  /** Runs of an earlier life are being taken over. */
  readonly isStarting: () => boolean;
  /** Users whose runs could not be taken over at start and are tried again: no reason to turn the others away. */
  readonly usersLeft: () => number;
}

/** `ok` false: it will not get well by itself, and a restart can help. */
export interface Liveness {
  readonly ok: boolean;
  readonly uptimeSeconds: number;
  readonly eventLoopP99Ms: number;
  readonly rssBytes: number;
  readonly checks: Readonly<Record<"eventLoop" | "eventLog", Check>>;
}

export interface Health {
  live(): Promise<Liveness>;
  ready(): Promise<Readiness>;
  stop(): void;
}

/** Above this the loop is so far behind that new connections only make it worse, milliseconds. */
const mostLoopDelayMs = 1_000;
/** Above this it serves nobody: `/healthz` is not ok. Milliseconds. */
const deadLoopDelayMs = 5_000;
/** Commits that fail for longer, with a store that cannot be written now: `/healthz` is not ok. Milliseconds. */
const mostFailingMs = 30_000;
const storeTimeoutMs = 2_000;
/** How long one answer of the store is good for: a prober must not be able to load it. Milliseconds. */
const storeAnswerMs = 500;

export function startHealth(options: HealthOptions): Health {
  const { writeToStore, onStoreFailure, isDraining, isStarting, usersLeft, commitsFailingForMs } = options;
  const delay = monitorEventLoopDelay({ resolution: 20 });
  delay.enable();
  const window = setInterval(() => delay.reset(), 10_000).unref();
  const store = remembered(storeAnswerMs, () => timed(writeToStore, onStoreFailure));
  const loopDelayMs = (): number => Math.max(0, delay.percentile(99) / 1e6 - 20);

  /** When nobody sends, the last commit may be long ago: before it says that commits fail, it tries. */
  async function eventLog(): Promise<Check> {
    const failingMs = commitsFailingForMs();
    if (failingMs === 0) return passed("the last commit succeeded");
    const detail = `commits fail for ${Math.round(failingMs / 1000)} s`;
    return { ok: failingMs <= mostFailingMs || (await store()).ok, detail };
  }

  return {
    async live() {
      const lag = loopDelayMs();
      const eventLoop = { ok: lag <= deadLoopDelayMs, detail: `p99 ${lag.toFixed(1)} ms` };
      const checks = { eventLoop, eventLog: await eventLog() };
      return {
        ok: checks.eventLoop.ok && checks.eventLog.ok,
        uptimeSeconds: Math.round(process.uptime()),
        eventLoopP99Ms: Math.round(lag * 10) / 10,
        rssBytes: process.memoryUsage.rss(),
        checks,
      };
    },
    async ready() {
      const lag = loopDelayMs();
      const checks = {
        store: await store(),
        starting: isStarting()
          ? failed("runs of the last start are being taken over")
          : passed(started(usersLeft())),
        draining: isDraining() ? failed("draining") : passed("not draining"),
        eventLoop: { ok: lag < mostLoopDelayMs, detail: `p99 ${lag.toFixed(1)} ms` },
      };
      return { ready: Object.values(checks).every(({ ok }) => ok), checks };
    },
    stop() {
      clearInterval(window);
      delay.disable();
    },
  };
}

const passed = (detail: string): Check => ({ ok: true, detail });
const failed = (detail: string): Check => ({ ok: false, detail });

const started = (usersLeft: number): string =>
  usersLeft === 0 ? "started" : `started; the runs of ${usersLeft} users are still to be taken over`;

async function timed(write: () => Promise<void>, onFailure: (error: unknown) => void): Promise<Check> {
  const start = performance.now();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer in ${storeTimeoutMs} ms`)), storeTimeoutMs);
  });
  try {
    await Promise.race([write(), late]);
    return passed(`written in ${(performance.now() - start).toFixed(1)} ms`);
  } catch (error) {
    // Anybody may ask: where the file is, and what else an error tells, is for the log.
    onFailure(error);
    return failed("cannot be written");
  } finally {
    clearTimeout(timer);
  }
}

function remembered<T>(ms: number, ask: () => Promise<T>): () => Promise<T> {
  let last: { readonly at: number; readonly answer: Promise<T> } | undefined;
  return () => {
    if (!last || performance.now() - last.at > ms) last = { at: performance.now(), answer: ask() };
    return last.answer;
  };
}
