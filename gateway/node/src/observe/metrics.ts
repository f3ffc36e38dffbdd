/**
 * What the engine tells about itself, as Prometheus metrics in a registry of their own. Never has a user, an address or an
 * id as a label: labels are few and fixed (AU5, IS4).
 */
import type { Counts, Logger, Observer } from "@trueline/server";
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

export interface Metrics {
  readonly registry: Registry;
  readonly observer: Observer;
  /** Where the numbers of runs of this moment are asked for, with each look at the metrics. Once. */
  measureRuns(counts: () => RunCounts): void;
  /** Requests of the HTTP side, by route and status. */
  httpServed(route: string, method: string, status: number, durationMs: number): void;
}

type RunCounts = Pick<Counts, "running" | "queued">;

/** Seconds. */
const commitBuckets = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1];
const addedBuckets = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1];
const waitBuckets = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const runBuckets = [0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600];

export function createMetrics(logger: Logger): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 20 });
  const make = factory(registry);
  const http = make.histogram("http_request_seconds", "Time of HTTP requests", waitBuckets, [
    "route",
    "method",
    "status",
  ]);
  return {
    registry,
    observer: { logger, ...connectionObserver(make), ...logObserver(make), ...runObserver(make) },
    measureRuns(counts) {
      make.measured("runs_active", "Runs executing now", () => counts().running);
      make.measured("runs_queued", "Runs that wait for another of their thread", () => counts().queued);
    },
    httpServed: (route, method, status, durationMs) =>
      http.observe({ route, method, status: String(status) }, durationMs / 1000),
  };
}

type Make = ReturnType<typeof factory>;

function factory(registry: Registry) {
  const registers = [registry];
  return {
    counter: (name: string, help: string, labelNames: readonly string[] = []) =>
      new Counter({ name: `trueline_${name}`, help, labelNames: [...labelNames], registers }),
    gauge: (name: string, help: string, labelNames: readonly string[] = []) =>
      new Gauge({ name: `trueline_${name}`, help, labelNames: [...labelNames], registers }),
    /** Asked for at each look, so that it cannot drift from what it tells. */
    measured: (name: string, help: string, measure: () => number) =>
      new Gauge({
        name: `trueline_${name}`,
        help,
        registers,
        collect() {
          this.set(measure());
        },
      }),
    histogram: (name: string, help: string, buckets: number[], labelNames: readonly string[] = []) =>
      new Histogram({ name: `trueline_${name}`, help, buckets, labelNames: [...labelNames], registers }),
  };
}

function connectionObserver(make: Make) {
  const managers = make.gauge("managers", "Managers on this node");
  const open = make.gauge("connections", "Open connections", ["kind"]);
  const opened = make.counter("connections_opened_total", "Connections admitted", ["kind"]);
  const closed = make.counter("connections_closed_total", "Connections ended, by close code", [
    "kind",
    "code",
  ]);
  const events = make.counter("events_delivered_total", "Events written to connections");
  const bytes = make.counter("delivered_bytes_total", "Characters of events written to connections");
  const replays = make.counter(
    "replays_total",
    "Connections that went on from a position with events after it",
  );
  const replayed = make.counter("events_replayed_total", "Events that those connections had missed");
  const resets = make.counter("resets_total", "Positions that could not be served", ["reason"]);
  const stalled = make.gauge("slow_readers", "Connections whose reader has no room now");
  const violations = make.counter(
    "isolation_violations_total",
    "Events of another owner stopped before delivery",
  );
  for (const kind of ["ws", "sse"]) open.set({ kind }, 0);
  return {
    managers: (count) => managers.set(count),
    connectionOpened(kind) {
      open.inc({ kind });
      opened.inc({ kind });
    },
    connectionClosed(kind, code) {
      open.dec({ kind });
      closed.inc({ kind, code: labelOfCode(code) });
    },
    delivered(count, size) {
      events.inc(count);
      bytes.inc(size);
    },
    replayed(count) {
      replays.inc();
      replayed.inc(count);
    },
    reset: (reason) => resets.inc({ reason }),
    readerStalled: (isStalled) => (isStalled ? stalled.inc() : stalled.dec()),
    isolationViolated: () => violations.inc(),
  } satisfies Partial<Observer>;
}

/** A peer chooses its code out of thousands: only known ones become labels. */
const labelOfCode = (code: number): string =>
  (code >= 1000 && code <= 1015) || (code >= 4000 && code < 4300) ? String(code) : "other";

function logObserver(make: Make) {
  const appended = make.counter("events_appended_total", "Events in the log", ["type"]);
  const commits = make.histogram("commit_seconds", "Time of a commit of the event log", commitBuckets);
  const failures = make.counter("commit_failures_total", "Commits of the event log that the store refused");
  return {
    eventAppended: (type) => appended.inc({ type }),
    committed: (durationMs) => commits.observe(durationMs / 1000),
    commitFailed: () => failures.inc(),
  } satisfies Partial<Observer>;
}

function runObserver(make: Make) {
  const refused = make.counter("sends_refused_total", "Requests of clients that were refused", ["code"]);
  const started = make.counter("runs_started_total", "Runs that began to execute here, those taken over too");
  const ended = make.counter("runs_total", "Runs that ended", ["agent", "state", "code"]);
  const durations = make.histogram("run_seconds", "Time of runs", runBuckets, ["agent", "state"]);
  const firstEvents = make.histogram(
    "first_event_seconds",
    "From a message to the first event of its run",
    waitBuckets,
  );
  const firstTexts = make.histogram(
    "first_text_seconds",
    "From a message to the first text of its answer",
    waitBuckets,
  );
  const added = make.histogram(
    "added_latency_seconds",
    "From a model's first token to its commit",
    addedBuckets,
  );
  const tools = make.histogram("tool_seconds", "Time of tool calls", waitBuckets, ["tool", "ok"]);
  const violations = make.counter("contract_violations_total", "Runs stopped for events out of order", [
    "agent",
  ]);
  return {
    sendRefused: (code) => refused.inc({ code }),
    runStarted: () => started.inc(),
    runEnded(agent, state, durationMs, code) {
      ended.inc({ agent, state, code: code ?? "" });
      durations.observe({ agent, state }, durationMs / 1000);
    },
    firstEvent: (ms) => firstEvents.observe(ms / 1000),
    firstText: (ms) => firstTexts.observe(ms / 1000),
    addedLatency: (ms) => added.observe(ms / 1000),
    toolEnded: (tool, ok, ms) => tools.observe({ tool, ok: String(ok) }, ms / 1000),
    contractViolated: (agent) => violations.inc({ agent }),
  } satisfies Partial<Observer>;
}
