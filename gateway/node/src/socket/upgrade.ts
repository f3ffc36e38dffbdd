/** `GET /v1/ws`: from a raw upgrade to a connection, or to a refusal with a status and a JSON body. */
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { subprotocol, TruelineError } from "@trueline/protocol";
import type { Connection } from "@trueline/server";
import { WebSocketServer } from "ws";
import { type Admission, admit, closeIfRevoked } from "../admission.ts";
import type { Engine } from "../engine.ts";
import type { Requests } from "../http/requests.ts";
import { ClientSocket } from "./client-socket.ts";
import { startPulse } from "./pulse.ts";
import { refuseUpgrade } from "./refuse-upgrade.ts";

export const socketPath = "/v1/ws";

/** How long a closing socket may take over its close handshake before it is cut, milliseconds. */
const closeTimeoutMs = 2_000;
/** How long a client may leave its refusal unread, milliseconds. */
const refusalTimeoutMs = 5_000;

export interface Sockets {
  /** Takes the upgrade over; what becomes of it is told to the client. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Resolves when all sockets are closed; cuts those that take too long over it. After a drain. */
  close(): Promise<void>;
}

export function createSockets(engine: Engine, requests: Requests): Sockets {
  const pulse = startPulse(engine.limits.pingIntervalMs);
  const server = webSocketServer(engine.limits.frameBytes);

  async function enter(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    checkHandshake(request);
    const admission = await admit(engine, request, ticketOf(request));
    let carried = false;
    try {
      server.handleUpgrade(request, socket, head, (client) => {
        carried = true;
        carry(client as ClientSocket, socket as Socket, admission);
      });
    } finally {
      if (!carried) admission.place.release();
    }
  }

  function carry(client: ClientSocket, socket: Socket, admission: Admission): void {
    const connection = admission.place.connect(client, admission.visitor);
    client.carry({ socket, connection, address: admission.address, onClosed: socketOnClosed });
    pulse.add(client);
    engine.observer.connectionOpened("ws");
    record("connect", connection, admission.address);
    void closeIfRevoked(engine, admission, (reason) => connection.close(reason));
  }

  function socketOnClosed(client: ClientSocket, code: number): void {
    pulse.delete(client);
    engine.observer.connectionClosed("ws", code);
    if (client.carried) record("disconnect", client.carried.connection, client.carried.address, code);
  }

  function record(
    action: "connect" | "disconnect",
    connection: Connection,
    address: string,
    code?: number,
  ): void {
    const detail = { connectionId: connection.id, ...(code === undefined ? {} : { code }) };
    engine.audit.record({ action, user: connection.visitor.view.id, address, detail });
  }

  return {
    upgrade(request, socket, head) {
      const onError = () => socket.destroy();
      socket.on("error", onError);
      const entered = requests.during(() => enter(request, socket, head));
      entered.then(
        () => socket.removeListener("error", onError),
        (error: unknown) => {
          (socket as Socket).setTimeout(refusalTimeoutMs, onError);
          refuseUpgrade(socket, asRefusal(engine, error), refusalHeaders(error));
        },
      );
    },
    async close() {
      pulse.stop();
      for (const client of pulse) client.carried?.connection.close("going_away");
      const cut = setTimeout(() => {
        for (const client of pulse) client.terminate();
      }, closeTimeoutMs);
      await pulse.emptied();
      clearTimeout(cut);
    },
  };
}

/** Options of ws that its published types do not know yet. */
type ServerOptions = ConstructorParameters<typeof WebSocketServer>[0] & {
  closeTimeout: number;
  maxFragments: number;
};

function webSocketServer(frameBytes: number): WebSocketServer {
  const options: ServerOptions = {
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: frameBytes,
    // A frame in thousands of pieces costs more than any client of ours could need.
    maxFragments: 1024,
    closeTimeout: closeTimeoutMs,
    handleProtocols: (offered) => (offered.has(subprotocol) ? subprotocol : false),
    WebSocket: ClientSocket,
  };
  return new WebSocketServer(options);
}

/** What ws would refuse with a page of text, and a subprotocol that is not ours. Before anything costs us more. */
function checkHandshake(request: IncomingMessage): void {
  const { headers, method } = request;
  if (method !== "GET") throw new TruelineError("method_not_allowed", `${socketPath} is opened with GET.`);
  if (headers.upgrade?.toLowerCase() !== "websocket")
    throw badHandshake("the Upgrade header is not websocket");
  if (!/^[+/0-9A-Za-z]{22}==$/.test(headers["sec-websocket-key"] ?? ""))
    throw badHandshake("Sec-WebSocket-Key is missing or not 16 bytes in base64");
  if (headers["sec-websocket-version"] !== "13") throw badHandshake("Sec-WebSocket-Version is not 13");
  const offered = headers["sec-websocket-protocol"];
  if (offered === undefined) return;
  const protocols = offered.split(",").map((name) => name.trim());
  if (
    protocols.some((name) => !/^[!#$%&'*+.^_`|~\w-]+$/.test(name)) ||
    new Set(protocols).size < protocols.length
  )
    throw badHandshake("Sec-WebSocket-Protocol is malformed");
  if (!protocols.includes(subprotocol))
    throw badHandshake(`the subprotocol is ${subprotocol}, and it was not offered`);
}

const badHandshake = (what: string): TruelineError =>
  new TruelineError("invalid_request", `Not a WebSocket handshake of ours: ${what}.`);

function ticketOf(request: IncomingMessage): string | undefined {
  const url = request.url ?? "";
  const query = url.indexOf("?");
  return query < 0 ? undefined : (new URLSearchParams(url.slice(query)).get("ticket") ?? undefined);
}

function asRefusal(engine: Engine, error: unknown): TruelineError {
  if (error instanceof TruelineError) return error;
  engine.observer.logger.error({ err: error }, "an upgrade failed");
  return new TruelineError("internal_error", "The server failed on this request. Try again.");
}

function refusalHeaders(error: unknown): Record<string, string> {
  if (!(error instanceof TruelineError)) return {};
  if (error.code === "unauthorized") return { "www-authenticate": "Bearer" };
  if (error.code === "method_not_allowed") return { allow: "GET" };
  return error.code === "invalid_request" ? { "sec-websocket-version": "13" } : {};
}
