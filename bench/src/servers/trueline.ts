import type { Server, ServerOptions } from "./server.ts";

export async function startTrueline(_: ServerOptions): Promise<Server> {
  throw new Error("not yet");
}
