/** Answers an upgrade that is refused: a proper HTTP status and the JSON error body of every other call. */
import { STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import type { TruelineError } from "@trueline/protocol";

export function refuseUpgrade(
  socket: Duplex,
  error: TruelineError,
  headers: Readonly<Record<string, string>> = {},
): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const body = JSON.stringify(error.toBody());
  const all: Record<string, string> = {
    connection: "close",
    "content-type": "application/json; charset=utf-8",
    "content-length": String(Buffer.byteLength(body)),
    "cache-control": "no-store",
    ...(error.retryAfterMs === undefined
      ? {}
      : { "retry-after": String(Math.ceil(error.retryAfterMs / 1000)) }),
    ...headers,
  };
  const head = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  socket.once("finish", () => socket.destroy());
  socket.end(`HTTP/1.1 ${error.status} ${STATUS_CODES[error.status]}\r\n${head.join("\r\n")}\r\n\r\n${body}`);
}
