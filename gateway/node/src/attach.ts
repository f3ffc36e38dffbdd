/**
 * Puts the gateway's routes in front of a node:http server that somebody else owns (AU6). What is not ours goes on to the
 * owner's own listeners, as if we were not there.
 */
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { TruelineError } from "@trueline/protocol";
import { pathOf } from "./http/request-facts.ts";
import { refuseUpgrade } from "./socket/refuse-upgrade.ts";
import { socketPath } from "./socket/upgrade.ts";

export interface Handlers {
  readonly request: (request: IncomingMessage, response: ServerResponse) => void;
  readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
  /** Paths that are ours beside those of the contract. */
  readonly pages: () => ReadonlySet<string>;
}

/** Gives the way to take them out again. */
export function attachTo(server: Server, handlers: Handlers): () => void {
  const restore = intercept(server, "request", (request, response) => {
    if (!isOurs(request, handlers.pages())) return false;
    handlers.request(request, response);
    return true;
  });
  // Node looks for listeners before it emits an upgrade, so there must be one.
  const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    if (pathOf(request.url) === socketPath) handlers.upgrade(request, socket, head);
    else if (server.listenerCount("upgrade") === 1) refuseUpgrade(socket, noSuchUpgrade());
  };
  server.on("upgrade", onUpgrade);
  return () => {
    restore();
    server.removeListener("upgrade", onUpgrade);
  };
}

function isOurs(request: IncomingMessage, pages: ReadonlySet<string>): boolean {
  const path = pathOf(request.url);
  return path.startsWith("/v1/") || ["/healthz", "/readyz", "/metrics"].includes(path) || pages.has(path);
}

/**
 * Listeners cannot keep an event from one another, and the owner may add its own before or after us; so we stand before
 * all of them, in `emit`.
 */
function intercept(
  server: Server,
  event: "request",
  take: (request: IncomingMessage, response: ServerResponse) => boolean,
): () => void {
  const before = server.emit;
  let isOn = true;
  const emit = (name: string | symbol, ...args: unknown[]): boolean => {
    if (isOn && name === event && take(args[0] as IncomingMessage, args[1] as ServerResponse)) return true;
    return Reflect.apply(before, server, [name, ...args]);
  };
  server.emit = emit;
  return () => {
    // Somebody may have wrapped it once more since: then it stays, and lets everything through.
    isOn = false;
    if (server.emit === emit) server.emit = before;
  };
}

const noSuchUpgrade = (): TruelineError =>
  new TruelineError("not_found", "There is no WebSocket at this path.");
