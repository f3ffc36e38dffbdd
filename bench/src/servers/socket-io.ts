/** socket.io with connection state recovery, one room per user, as its documentation shows it. */
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Server as SocketIoServer } from "socket.io";
import type { Server, ServerOptions } from "./server.ts";

export async function startSocketIo({ source }: ServerOptions): Promise<Server> {
  const http = createServer();
  const io = new SocketIoServer(http, {
    transports: ["websocket"],
    serveClient: false,
    connectionStateRecovery: { maxDisconnectionDuration: 5 * 60_000, skipMiddlewares: true },
  });
  const seqs = new Map<string, number>();
  io.on("connection", async (socket) => {
    const user = String(socket.handshake.auth.user);
    await socket.join(user);
    socket.on("start", () => void run(user));
  });

  async function run(user: string): Promise<void> {
    const ids = { threadId: `thr_${randomUUID()}`, runId: `run_${randomUUID()}` };
    publish(user, "agent_started", ids, { agent: "bench", model: "bench", description: "" });
    for await (const text of source.open(user)) publish(user, "text_delta", ids, { text });
    publish(user, "agent_completed", ids, {});
  }

  function publish(user: string, type: string, ids: { threadId: string; runId: string }, data: object): void {
    const seq = (seqs.get(user) ?? 0) + 1;
    seqs.set(user, seq);
    io.to(user).emit("event", { type, seq, at: new Date().toISOString(), ...ids, data });
  }

  http.listen({ port: 0, host: "127.0.0.1", backlog: 4096 });
  await once(http, "listening");
  const { port } = http.address() as AddressInfo;
  return { port, close: async () => void (await io.close()) };
}
