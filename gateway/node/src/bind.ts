/**
 * An address to listen on, had before anything else is begun: whoever cannot have it has touched no data. It serves nothing
 * by itself; `gateway.listen` takes it over, in the same turn, so that no request comes before.
 */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

export interface Address {
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** 0: any free one. */
  readonly port: number;
}

export interface Listening {
  /** `http://127.0.0.1:8080`. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
}

export interface Bound extends Listening {
  readonly server: Server;
}

/** Rejects when the address cannot be had, with the system's error. */
export async function bind({ host = "127.0.0.1", port }: Address): Promise<Bound> {
  // Headers must come within 20 s, a request within a minute: slow ones hold nothing for longer (AU4).
  const server = createServer({ headersTimeout: 20_000, requestTimeout: 60_000, keepAliveTimeout: 65_000 });
  await listening(server, host, port);
  const { port: actual } = server.address() as AddressInfo;
  const shown = host.includes(":") ? `[${host}]` : host;
  return { server, url: `http://${shown}:${actual}`, host, port: actual };
}

function listening(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.removeListener("error", reject);
      resolve();
    });
  });
}
