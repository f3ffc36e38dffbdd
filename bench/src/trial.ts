/** One trial: one workload on one peer, with a fresh server process and a fresh load process. Gives its figures. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Child } from "./calls.ts";
import type { Delivery, LoadHandlers } from "./load-process.ts";
import type { Pace, Peer, StreamWorkload, Workload } from "./plan.ts";
import type { ServerHandlers } from "./server-process.ts";

/** A figure by its name; the report knows the units. */
export type Figures = Readonly<Record<string, number>>;

export type Outcome =
  | { readonly kind: "measured"; readonly figures: Figures; readonly delivery?: Delivery }
  | { readonly kind: "gave_up"; readonly afterMs: number }
  | { readonly kind: "failed"; readonly reason: string };

interface Processes {
  readonly peer: Peer;
  readonly directory: string;
  /** Where to write a CPU profile of the measured window; undefined: none is taken. */
  readonly profile: string | undefined;
  readonly server: Child<ServerHandlers>;
  readonly load: Child<LoadHandlers>;
}

export interface TrialOptions {
  readonly timeoutMs: number;
  readonly profile?: string;
}

export async function runTrial(peer: Peer, workload: Workload, options: TrialOptions): Promise<Outcome> {
  const { timeoutMs, profile } = options;
  const processes: Processes = {
    peer,
    directory: await mkdtemp(join(tmpdir(), "trueline-bench-")),
    profile,
    server: new Child<ServerHandlers>(new URL("./server-process.ts", import.meta.url)),
    load: new Child<LoadHandlers>(new URL("./load-process.ts", import.meta.url)),
  };
  const gaveUp = new AbortController();
  const timeout = delay(timeoutMs, { kind: "gave_up", afterMs: timeoutMs } as const, {
    signal: gaveUp.signal,
  });
  try {
    return await Promise.race([measure(processes, workload), timeout]);
  } catch (error) {
    return { kind: "failed", reason: error instanceof Error ? error.message : String(error) };
  } finally {
    gaveUp.abort();
    await timeout.catch(() => undefined);
    await Promise.all([processes.server.stop(), processes.load.stop()]);
    await rm(processes.directory, { recursive: true, force: true });
  }
}

function measure(processes: Processes, workload: Workload): Promise<Outcome> {
  switch (workload.kind) {
    case "stream":
      return measureStream(processes, workload);
    case "idle":
      return measureIdle(processes, workload.connections);
    case "resume":
      return measureResume(processes, workload);
    case "first-token":
      return measureFirstToken(processes, workload);
  }
}

async function measureStream(processes: Processes, workload: StreamWorkload): Promise<Outcome> {
  const { server, load } = processes;
  const port = await listen(processes, workload.pace);
  const sockets = await load.call("open", { peer: processes.peer, port, from: 0, users: workload.users });
  await load.call("start", { everyMs: 0 });
  const follower =
    workload.pace.kind === "saturated" ? follow(processes, sockets / workload.users) : undefined;
  await delay(workload.warmUpMs);
  const { before, after } = await meter(processes, () => delay(workload.measureMs));
  follower?.abort();
  const delivery = await load.call("settle", await server.call("end"));
  const events = after.events - before.events;
  return {
    kind: "measured",
    figures: {
      cpuMicrosPerEvent: (after.cpuMicros - before.cpuMicros) / events,
      eventsPerSecond: (events / (after.at - before.at)) * 1_000,
    },
    delivery,
  };
}

/** Reads the meter before and after `work`, which is what a profile is taken of. */
async function meter({ server, profile }: Processes, work: () => Promise<unknown>) {
  if (profile) await server.call("startProfile");
  const before = await server.call("meter");
  await work();
  const after = await server.call("meter");
  if (profile) console.log((await server.call("stopProfile", profile)).join("\n"));
  return { before, after };
}

/** Tells the source, until aborted, how far its readers have come. */
function follow({ server, load }: Processes, socketsPerUser: number): AbortController {
  const stop = new AbortController();
  const step = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      await server.call("follow", { shown: await load.call("shown"), socketsPerUser });
      await delay(10);
    }
  };
  // It fails only when a process ended, and then what the trial waits for fails as well.
  step().catch(() => stop.abort());
  return stop;
}

async function measureIdle(processes: Processes, connections: number): Promise<Outcome> {
  const { peer, server, load } = processes;
  const port = await listen(processes, { kind: "held" });
  // A quarter of them first: what is compiled and pooled once is not counted for each connection.
  const warm = await load.call("open", { peer, port, from: 0, users: Math.round(connections / 8) });
  const before = await server.call("memory");
  const all = await load.call("open", { peer, port, from: warm, users: Math.round(connections / 2) });
  await delay(200);
  const after = await server.call("memory");
  const perConnection = (bytes: number) => bytes / 1024 / (all - warm);
  return {
    kind: "measured",
    figures: {
      heapKiB: perConnection(after.heap - before.heap),
      rssKiB: perConnection(after.rss - before.rss),
      keptKiB: perConnection(after.kept - before.kept),
    },
  };
}

async function measureResume(processes: Processes, plan: Workload & { kind: "resume" }): Promise<Outcome> {
  const { peer, server, load } = processes;
  const port = await listen(processes, { kind: "held" });
  await load.call("open", { peer, port, from: 0, users: plan.clients, sockets: 1 });
  await load.call("start", { everyMs: 0 });
  await load.call("drop");
  await server.call("release", plan.events);
  // What the streams give out is taken up, and made durable where it is, before the clients come back.
  await delay(1_000);
  let replayMs = 0;
  const begun = await server.call("meter");
  const reconnectMs = await load.call("reconnect");
  const { before, after } = await meter(processes, async () => {
    replayMs = await load.call("resume", { pieces: plan.events + 1 });
  });
  const delivery = await load.call("settle", await server.call("end"));
  return {
    kind: "measured",
    figures: {
      replayMs,
      replayCpuMs: (after.cpuMicros - before.cpuMicros) / 1_000,
      resumeMs: reconnectMs + replayMs,
      resumeCpuMs: (after.cpuMicros - begun.cpuMicros) / 1_000,
    },
    delivery,
  };
}

async function measureFirstToken(
  processes: Processes,
  plan: Workload & { kind: "first-token" },
): Promise<Outcome> {
  const { peer, server, load } = processes;
  const port = await listen(processes, { kind: "held" });
  await load.call("open", { peer, port, from: 0, users: plan.users, sockets: 1 });
  await load.call("start", { everyMs: plan.everyMs });
  const ages = (await load.call("agesOfFirst")).toSorted((a, b) => a - b);
  const delivery = await load.call("settle", await server.call("end"));
  const at = (share: number) =>
    ages[Math.min(ages.length - 1, Math.floor(ages.length * share))] ?? Number.NaN;
  return { kind: "measured", figures: { firstTokenP50Ms: at(0.5), firstTokenP99Ms: at(0.99) }, delivery };
}

const listen = ({ peer, server, directory }: Processes, pace: Pace): Promise<number> =>
  server.call("start", { peer, pace, directory });
