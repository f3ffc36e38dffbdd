/** `GET /v1/events`: the caller's event log as server-sent events, for clients without WebSocket. */
import type { ServerResponse } from "node:http";
import {
  formatPosition,
  type Position,
  parsePosition,
  type ServerControlFrame,
  TruelineError,
} from "@trueline/protocol";
import type { Batch, EventStream, Transport } from "@trueline/server";
import type { FastifyInstance } from "fastify";
import { admit, closeIfRevoked } from "../admission.ts";
import type { Engine } from "../engine.ts";
import { operations } from "./operations.ts";

/** Comments that keep proxies from closing a quiet stream, and find peers that are gone. Milliseconds. */
const heartbeatMs = 15_000;

export function registerEventStreamRoute(app: FastifyInstance, engine: Engine): void {
  app.route({
    method: "GET",
    url: operations.streamEvents.path,
    exposeHeadRoute: false,
    handler: async (request, reply) => {
      const position = positionOf(request.headers["last-event-id"]);
      const admission = await admit(engine, request.raw, undefined);
      if (request.raw.socket.destroyed) {
        admission.place.release();
        return reply.hijack();
      }
      reply.hijack();
      const carrier = new EventStreamCarrier(reply.raw, reply.getHeaders());
      if (!position) carrier.begin(admission.position);
      const stream = admission.place.stream(carrier, admission.visitor, position ?? admission.position);
      const { id } = admission.identity.user;
      engine.observer.connectionOpened("sse");
      engine.audit.record({
        action: "connect",
        user: id,
        address: admission.address,
        detail: { way: "sse" },
      });
      carrier.carry(stream, (code) => {
        engine.observer.connectionClosed("sse", code);
        const detail = { way: "sse", code };
        engine.audit.record({ action: "disconnect", user: id, address: admission.address, detail });
      });
      void closeIfRevoked(engine, admission, (reason) => stream.close(reason));
      return reply;
    },
  });
}

/** No header: live. One that is no position is the client's mistake; taking it for "live" would hide what it missed. */
function positionOf(header: string | string[] | undefined): Position | undefined {
  if (header === undefined || header === "") return undefined;
  const position = typeof header === "string" ? parsePosition(header) : undefined;
  if (!position) throw new TruelineError("invalid_request", "Last-Event-ID is not <epoch>:<seq>.");
  return position;
}

const leftByItself = 1000;

class EventStreamCarrier implements Transport {
  readonly #response: ServerResponse;
  #waitsForRoom = false;
  #code = leftByItself;
  #stream: EventStream | undefined;

  constructor(response: ServerResponse, headers: NodeJS.Dict<number | string | string[]>) {
    this.#response = response;
    for (const [name, value] of Object.entries(headers))
      if (value !== undefined) response.setHeader(name, value);
    response.writeHead(200, {
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-store",
      "x-accel-buffering": "no",
    });
    response.write(":\n\n");
  }

  /** An id without data: a client that is cut off before its first event comes back with it and misses nothing. */
  begin(position: Position): void {
    this.#write(`id: ${formatPosition(position)}\n\n`);
  }

  carry(stream: EventStream, onClosed: (code: number) => void): void {
    this.#stream = stream;
    const heartbeat = setInterval(() => this.#beat(), heartbeatMs).unref();
    this.#response.on("close", () => {
      clearInterval(heartbeat);
      stream.closed();
      onClosed(this.#code);
    });
  }

  get writable(): boolean {
    const response = this.#response;
    if (response.writableEnded || response.destroyed) return false;
    if (!response.writableNeedDrain) return true;
    this.#waitForRoom();
    return false;
  }

  deliver(batch: Batch): void {
    const { epoch, items } = batch;
    this.#write(items.map(({ seq, json }) => entry({ epoch, seq }, json)).join(""));
  }

  control(frame: ServerControlFrame): void {
    if (frame.type === "reset") this.#write(entry(frame.position, JSON.stringify(frame)));
    // `retry` is what an EventSource waits by itself before it comes back.
    else if (frame.type === "going_away")
      this.#write(`retry: ${frame.reconnectAfterMs}\ndata: ${JSON.stringify(frame)}\n\n`);
    else this.#write(`data: ${JSON.stringify(frame)}\n\n`);
  }

  together(write: () => void): void {
    this.#response.cork();
    write();
    this.#response.uncork();
  }

  close(code: number): void {
    this.#code = code;
    if (this.writable) this.#response.end();
    // A reader that stalls would hold an orderly end for as long as it likes.
    else this.#response.destroy();
  }

  #write(text: string): void {
    if (!this.#response.writableEnded) this.#response.write(text);
  }

  #beat(): void {
    if (this.writable) this.#response.write(":\n\n");
  }

  #waitForRoom(): void {
    if (this.#waitsForRoom) return;
    this.#waitsForRoom = true;
    this.#response.once("drain", () => {
      this.#waitsForRoom = false;
      this.#stream?.drained();
    });
  }
}

const entry = (position: Position, json: string): string =>
  `id: ${formatPosition(position)}\ndata: ${json}\n\n`;
