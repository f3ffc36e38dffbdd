/** A client on a bare WebSocket that speaks `trueline.v1`, which the bare-ws peer imitates. */
import { once } from "node:events";
import WebSocket from "ws";
import type { ShownEvent } from "../stream-check.ts";
import type { Client, ClientOptions } from "./client.ts";

interface Position {
  readonly epoch: string;
  readonly seq: number;
}

interface Welcome {
  readonly type: "welcome";
  readonly position: Position;
  readonly resumed: string;
}

type Frame = ShownEvent | Welcome | { readonly type: "ack" };

const isWelcome = (frame: Frame): frame is Welcome => frame.type === "welcome";

export async function openRawClient({ port, user, onEvent }: ClientOptions): Promise<Client> {
  let socket: WebSocket;
  let position: Position | undefined;

  const connect = async (): Promise<void> => {
    socket = new WebSocket(`ws://127.0.0.1:${port}/v1/ws`, "trueline.v1", {
      headers: { authorization: `Bearer ${user}` },
      perMessageDeflate: false,
      skipUTF8Validation: true,
    });
    await once(socket, "open");
    socket.on("close", (code, reason) => refuseEarlyClose(code, reason.toString()));
  };

  const greet = async (): Promise<void> => {
    const welcomed = new Promise<void>((resolve) => {
      socket.on("message", (data) => {
        const frame: Frame | Frame[] = JSON.parse(String(data));
        for (const one of Array.isArray(frame) ? frame : [frame]) see(one, resolve);
      });
    });
    socket.send(JSON.stringify({ type: "hello", client: { name: "bench", version: "1" }, position }));
    await welcomed;
  };

  const see = (frame: Frame, onWelcome: () => void): void => {
    if ("seq" in frame) {
      if (position) position = { epoch: position.epoch, seq: frame.seq };
      onEvent(frame);
    } else if (isWelcome(frame)) {
      if (position && frame.resumed !== "replayed") throw new Error(`resumed: ${frame.resumed}`);
      position = frame.position;
      onWelcome();
    } else if (frame.type !== "ack") {
      throw new Error(`unexpected frame: ${JSON.stringify(frame)}`);
    }
  };

  await connect();
  await greet();
  return {
    start: (id) => socket.send(JSON.stringify({ type: "send", id, text: user })),
    drop: async () => {
      socket.terminate();
      if (socket.readyState !== WebSocket.CLOSED) await once(socket, "close");
    },
    reconnect: connect,
    resume: greet,
  };
}

/** 1006: we dropped it, or the server went. Any other code says that the server refused us. */
function refuseEarlyClose(code: number, reason: string): void {
  if (code !== 1006 && code !== 1001 && code !== 4000)
    throw new Error(`closed by the server: ${code} ${reason}`);
}
