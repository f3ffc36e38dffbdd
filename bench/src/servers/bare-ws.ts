/**
 * The yardstick: what one writes on bare `ws` without a thought of gathering. One JSON text and one `send` per socket for
 * each event, nothing stored; for the resume workload the texts are kept in an array per user.
 */
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";
import type { Server, ServerOptions } from "./server.ts";

interface User {
  readonly sockets: Set<WebSocket>;
  readonly kept: string[];
  seq: number;
}

type Frame =
  | { readonly type: "hello"; readonly position?: { readonly seq: number } }
  | { readonly type: "send"; readonly id: string; readonly text: string };

export async function startBareWs({ source, resumable }: ServerOptions): Promise<Server> {
  const users = new Map<string, User>();
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: false, backlog: 4096 });
  server.on("connection", (socket, request) => {
    const user = findUser(users, request);
    socket.on("message", (data) => {
      const frame: Frame = JSON.parse(String(data));
      if (frame.type === "hello") welcome(user, socket, frame.position?.seq);
      else void run(user, frame.text);
    });
    socket.on("close", () => user.sockets.delete(socket));
  });
  await once(server, "listening");

  async function run(user: User, name: string): Promise<void> {
    const ids = { threadId: `thr_${randomUUID()}`, runId: `run_${randomUUID()}` };
    publish(user, "agent_started", ids, { agent: "bench", model: "bench", description: "" });
    for await (const text of source.open(name)) publish(user, "text_delta", ids, { text });
    publish(user, "agent_completed", ids, {});
  }

  function publish(user: User, type: string, ids: { threadId: string; runId: string }, data: object): void {
    const text = JSON.stringify({ type, seq: ++user.seq, at: new Date().toISOString(), ...ids, data });
    if (resumable) user.kept.push(text);
    for (const socket of user.sockets) socket.send(text);
  }

  const { port } = server.address() as AddressInfo;
  return {
    port,
    close: async () => {
      for (const socket of server.clients) socket.terminate();
      server.close();
      await once(server, "close");
    },
  };
}

function findUser(users: Map<string, User>, request: IncomingMessage): User {
  const name = request.headers.authorization ?? "";
  const known = users.get(name) ?? { sockets: new Set(), kept: [], seq: 0 };
  users.set(name, known);
  return known;
}

function welcome(user: User, socket: WebSocket, seq: number | undefined): void {
  const position = { epoch: "1", seq: seq ?? user.seq };
  socket.send(
    JSON.stringify({ type: "welcome", position, resumed: seq === undefined ? "live" : "replayed" }),
  );
  for (const text of user.kept.slice(position.seq)) socket.send(text);
  user.sockets.add(socket);
}
