/**
 * A gateway as one object (AU6): attached to a team's own HTTP server, or listening by itself. Starts at once; whatever
 * comes before it is ready waits for it. Owns the order of starting, draining and closing.
 */
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { type ProbeReport, type ServiceLevelsReport, TruelineError } from "@trueline/protocol";
import type { FactsPeriod, Managers } from "@trueline/server";
import { attachTo } from "./attach.ts";
import { type Address, type Bound, bind, type Listening } from "./bind.ts";
import type { GatewayOptions } from "./options.ts";
import type { ProbeAccounts } from "./probe-accounts.ts";
import { type RunningGateway, startGateway } from "./running.ts";
import { refuseUpgrade } from "./socket/refuse-upgrade.ts";

export interface Gateway {
  /** Resolves when it can serve; rejects with what stands in the way (a `StoreError`, a `RegistryError`, a `GatewayOptionsError`). */
  readonly ready: Promise<void>;
  /**
   * Serves /v1/*, /healthz, /readyz, /metrics (and the pages, when enabled) on a server that is the caller's. Everything
   * else, other upgrades included, stays the server's own. Gives the way to take it off again.
   */
  attach(server: Server): () => void;
  /**
   * Listens by itself, once it is ready. Rejects when the address cannot be had. One that was bound is taken over at once:
   * what comes on it before the gateway is ready waits for it.
   */
  listen(address: Address | Bound): Promise<Listening>;
  /** For a server of another kind: a request that is ours. The caller decides which are. */
  handle(request: IncomingMessage, response: ServerResponse): void;
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Numbers of this moment. */
  counts(): Promise<ReturnType<Managers["counts"]>>;
  /** Keeps a walk of the probe, for the history and the service levels (HC2, HC3). */
  recordProbe(report: ProbeReport): Promise<void>;
  /** How far the service levels were kept, milliseconds since 1970 (HC3). */
  serviceLevels(period: FactsPeriod): Promise<ServiceLevelsReport>;
  /**
   * Two users of their own for a probe beside this gateway, with passwords made up anew at each call. Undefined with a
   * team's own accounts.
   */
  probeAccounts(): Promise<ProbeAccounts | undefined>;
  /**
   * For a restart or deploy (DR1): not ready from now on, nobody new is let in, connected clients are told to come back
   * later, runs end or reach a checkpoint within `drainGraceMs`. Resolves when that is done. `close` comes next.
   */
  drain(): Promise<void>;
  /**
   * Drains if that was not done, refuses what comes now, waits some seconds for requests that are under way, and gives
   * everything back. Further calls get the same promise.
   */
  close(): Promise<void>;
}

export function createGateway(options: GatewayOptions = {}): Gateway {
  const starting = startGateway(options);
  let running: RunningGateway | undefined;
  const ready = starting.then((started) => {
    running = started;
    return started.ready;
  });
  const servers = new Set<Server>();
  const detach = new Set<() => void>();
  let draining: Promise<void> | undefined;
  let closing: Promise<void> | undefined;

  function handle(request: IncomingMessage, response: ServerResponse): void {
    if (running) running.handle(request, response);
    else
      starting.then(
        (started) => started.handle(request, response),
        () => refuseRequest(response),
      );
  }

  function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (running) running.upgrade(request, socket, head);
    else {
      const onError = () => socket.destroy();
      socket.on("error", onError);
      starting.then(
        (started) => {
          socket.removeListener("error", onError);
          started.upgrade(request, socket, head);
        },
        () => refuseUpgrade(socket, couldNotStart()),
      );
    }
  }

  function attach(server: Server): () => void {
    const handlers = { request: handle, upgrade, pages: () => running?.pages ?? new Set<string>() };
    const takeOff = attachTo(server, handlers);
    detach.add(takeOff);
    return () => {
      detach.delete(takeOff);
      takeOff();
    };
  }

  async function listen(address: Address | Bound): Promise<Listening> {
    if (!("server" in address)) {
      await ready;
      return listen(await bind(address));
    }
    const { server, url, host, port } = address;
    server.on("request", handle).on("upgrade", upgrade);
    servers.add(server);
    await ready;
    return { url, host, port };
  }

  function drain(): Promise<void> {
    draining ??= starting.then(
      (started) => started.drain(),
      () => undefined,
    );
    return draining;
  }

  async function close(): Promise<void> {
    await drain();
    const closed = [...servers].map((server) => stopped(server));
    const started = await starting.catch(() => undefined);
    await started?.close();
    for (const takeOff of detach) takeOff();
    // Requests had their time: what is connected now is idle, or overdue.
    for (const server of servers) server.closeAllConnections();
    await Promise.all(closed);
  }

  return {
    ready,
    attach,
    listen,
    handle,
    upgrade,
    counts: async () => (await starting).counts(),
    recordProbe: async (report) => (await starting).serviceLevels.recordProbe(report),
    serviceLevels: async (period) => (await starting).serviceLevels.report(period),
    probeAccounts: async () => (await starting).probeAccounts(),
    drain,
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}

/** Lets nobody new in and closes idle connections. Resolves when the others are closed, too. */
function stopped(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });
}

const couldNotStart = (): TruelineError =>
  new TruelineError("store_unavailable", "The gateway could not start; its log says why.");

function refuseRequest(response: ServerResponse): void {
  const error = couldNotStart();
  response.writeHead(error.status, { "content-type": "application/json; charset=utf-8" });
  response.end(JSON.stringify(error.toBody()));
}
