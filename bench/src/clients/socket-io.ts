/** The official socket.io client, over WebSocket from the start. Resume is its connection state recovery. */
import { io } from "socket.io-client";
import type { Client, ClientOptions } from "./client.ts";

export async function openSocketIoClient({ port, user, onEvent }: ClientOptions): Promise<Client> {
  const socket = io(`http://127.0.0.1:${port}`, {
    transports: ["websocket"],
    forceNew: true,
    reconnection: false,
    auth: { user },
  });
  socket.on("event", onEvent);
  await connected();
  return {
    start: (id) => void socket.emit("start", id),
    drop: async () => {
      const gone = new Promise<void>((resolve) => socket.once("disconnect", () => resolve()));
      // Closing the transport, not the socket: the server keeps the state of one that was lost, not of one that left.
      socket.io.engine.close();
      await gone;
    },
    // What was missed comes with the handshake of socket.io: there is no telling the two apart.
    reconnect: async () => undefined,
    resume: async () => {
      const again = connected();
      socket.connect();
      await again;
      if (!socket.recovered) throw new Error("socket.io did not recover the connection's state");
    },
  };

  function connected(): Promise<void> {
    return new Promise((resolve, reject) => {
      socket.once("connect", resolve);
      socket.once("connect_error", reject);
    });
  }
}
