/** A gateway on a server of which a test sees the sockets. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { GatewayOptions } from "@trueline/gateway";
import { onTestFinished } from "vitest";
import { clientOf, openGateway } from "./gateway.ts";
import type { TestSocket } from "./test-socket.ts";

export async function openVisible(options: Omit<GatewayOptions, "log">) {
  const { gateway } = await openGateway(options);
  const server = createServer();
  const sockets: Socket[] = [];
  server.on("connection", (socket) => sockets.push(socket));
  gateway.attach(server);
  onTestFinished(() => void server.close());
  await once(server.listen(0, "127.0.0.1"), "listening");
  /** The server's end of a client's connection. */
  const endOf = (client: Socket): Socket => {
    const found = sockets.find(({ remotePort }) => remotePort === client.localPort);
    if (!found) throw new Error("the server does not have this connection");
    return found;
  };
  return { gateway, endOf, ...clientOf(`http://127.0.0.1:${(server.address() as AddressInfo).port}`) };
}

/** The TCP connection under a WebSocket client. */
export const tcpOf = (client: TestSocket): Socket => (client.ws as unknown as { _socket: Socket })._socket;
