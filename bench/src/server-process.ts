/** The process of a peer's server: the peer, the source that feeds it, and the meter that reads what it costs. */
import { getHeapSpaceStatistics } from "node:v8";
import { answerCalls } from "./calls.ts";
import type { Pace, Peer } from "./plan.ts";
import { startProfile, stopProfile } from "./profile.ts";
import { startBareWs } from "./servers/bare-ws.ts";
import type { Server, StartServer } from "./servers/server.ts";
import { startSocketIo } from "./servers/socket-io.ts";
import { startTrueline } from "./servers/trueline.ts";
import { Source } from "./source.ts";

const starters: Record<Peer, StartServer> = {
  "bare-ws": startBareWs,
  trueline: startTrueline,
  "socket.io": startSocketIo,
};

let source: Source;
let server: Server;

const handlers = {
  start: async ({ peer, pace, directory }: { peer: Peer; pace: Pace; directory: string }) => {
    source = new Source(pace);
    server = await starters[peer]({ source, resumable: pace.kind === "held", directory });
    return server.port;
  },
  meter: () => {
    const { user, system } = process.cpuUsage();
    return { cpuMicros: user + system, events: source.total, at: performance.now() };
  },
  memory: () => {
    globalThis.gc?.();
    const { heapUsed, external, rss } = process.memoryUsage();
    // The young generation doubles now and then, with the garbage of connecting and not with what connections keep.
    const young = getHeapSpaceStatistics().find(({ space_name }) => space_name === "new_space");
    return { heap: heapUsed + external, rss, kept: rss - (young?.physical_space_size ?? 0) };
  },
  follow: ({ shown, socketsPerUser }: { shown: number; socketsPerUser: number }) =>
    source.follow(source.total * socketsPerUser - shown),
  release: (pieces: number) => source.release(pieces),
  startProfile,
  stopProfile,
  /** Ends all streams; gives how many pieces each gave out. */
  end: () => {
    source.end();
    return Object.fromEntries(source.emitted);
  },
  close: () => server.close(),
};

export type ServerHandlers = typeof handlers;
answerCalls(handlers);
