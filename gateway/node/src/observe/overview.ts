/** The numbers of /metrics for the operations page: looked at every few seconds, kept for half an hour. Read-only. */
import type { Clock } from "@trueline/kit";
import type { Latency, OverviewResponse, OverviewSample } from "@trueline/protocol";
import type { MetricObjectWithValues, MetricValue, MetricValueWithName, Registry } from "prom-client";

export interface Overview {
  read(): Promise<Omit<OverviewResponse, "version" | "probes">>;
  stop(): void;
}

const sampleMs = 5_000;
const samplesKept = 360;

export function startOverview(registry: Registry, clock: Clock): Overview {
  const startedAt = iso(clock.now());
  const samples: OverviewSample[] = [];
  let last: { readonly at: number; readonly events: number } | undefined;

  async function sample(): Promise<void> {
    const numbers = await look(registry);
    const at = clock.monotonic();
    const events = numbers.sum("events_appended_total");
    const eventsPerSecond = last ? Math.max(0, ((events - last.events) * 1000) / (at - last.at)) : 0;
    last = { at, events };
    const { ws, sse } = connectionsIn(numbers);
    samples.push({
      at: iso(clock.now()),
      connections: ws + sse,
      runs: numbers.sum("runs_active"),
      eventsPerSecond,
    });
    if (samples.length > samplesKept) samples.shift();
  }
  const timer = setInterval(() => void sample(), sampleMs).unref();

  return {
    async read() {
      const numbers = await look(registry);
      const { rss, heapUsed } = process.memoryUsage();
      return {
        at: iso(clock.now()),
        startedAt,
        sampleMs,
        samples: [...samples],
        connections: connectionsIn(numbers),
        managers: numbers.sum("managers"),
        runs: runsIn(numbers),
        events: {
          appended: numbers.sum("events_appended_total"),
          delivered: numbers.sum("events_delivered_total"),
        },
        latencies: {
          firstEvent: numbers.latency("first_event_seconds"),
          firstText: numbers.latency("first_text_seconds"),
          added: numbers.latency("added_latency_seconds"),
          commit: numbers.latency("commit_seconds"),
        },
        slowReaders: numbers.sum("slow_readers"),
        resets: numbers.sum("resets_total"),
        isolationViolations: numbers.sum("isolation_violations_total"),
        memory: { rssBytes: rss, heapUsedBytes: heapUsed },
      };
    },
    stop: () => clearInterval(timer),
  };
}

interface Numbers {
  /** Of all values of a metric that carry these labels. */
  sum(name: string, labels?: Readonly<Record<string, string>>): number;
  latency(name: string): Latency;
}

async function look(registry: Registry): Promise<Numbers> {
  const metrics = (await registry.getMetricsAsJSON()) as MetricObjectWithValues<MetricValue<string>>[];
  const values = new Map(metrics.map(({ name, values }) => [name, values]));
  const of = (name: string): readonly MetricValue<string>[] => values.get(`trueline_${name}`) ?? [];
  return {
    sum: (name, labels = {}) =>
      of(name)
        .filter((value) => Object.entries(labels).every(([key, wanted]) => value.labels[key] === wanted))
        .reduce((sum, { value }) => sum + value, 0),
    latency: (name) => latencyIn(of(name) as MetricValueWithName<string>[]),
  };
}

const connectionsIn = (numbers: Numbers): { ws: number; sse: number } => ({
  ws: numbers.sum("connections", { kind: "ws" }),
  sse: numbers.sum("connections", { kind: "sse" }),
});

const runsIn = (numbers: Numbers): OverviewResponse["runs"] => ({
  running: numbers.sum("runs_active"),
  queued: numbers.sum("runs_queued"),
  completed: numbers.sum("runs_total", { state: "completed" }),
  failed: numbers.sum("runs_total", { state: "failed" }),
  cancelled: numbers.sum("runs_total", { state: "cancelled" }),
});

function latencyIn(values: readonly MetricValueWithName<string>[]): Latency {
  const buckets = values
    .filter(({ metricName }) => metricName?.endsWith("_bucket"))
    .map(({ labels, value }) => ({
      upTo: Number(String(labels.le).replace("+Inf", "Infinity")),
      count: value,
    }))
    .sort((a, b) => a.upTo - b.upTo);
  const count = buckets.at(-1)?.count ?? 0;
  if (count === 0) return null;
  const ms = (share: number): number => Math.round(quantile(buckets, count * share) * 1e6) / 1e3;
  return { count, p50: ms(0.5), p95: ms(0.95), p99: ms(0.99) };
}

/** As Prometheus does it: evenly spread within a bucket; what is above the last bound is taken as that bound. */
function quantile(buckets: readonly { upTo: number; count: number }[], rank: number): number {
  let below = { upTo: 0, count: 0 };
  for (const bucket of buckets) {
    if (bucket.count >= rank) {
      if (bucket.upTo === Number.POSITIVE_INFINITY) return below.upTo;
      const inside = bucket.count - below.count;
      return below.upTo + ((bucket.upTo - below.upTo) * (rank - below.count)) / (inside || 1);
    }
    below = bucket;
  }
  return below.upTo;
}

const iso = (ms: number): string => new Date(ms).toISOString();
