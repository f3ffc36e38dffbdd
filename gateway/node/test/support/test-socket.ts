/** A WebSocket client that keeps what came, frame by frame, and can be waited on. Arrays are taken apart. */
import type { IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import type { ErrorBody } from "@trueline/protocol";
import { type ClientOptions, WebSocket } from "ws";

// biome-ignore lint/suspicious/noExplicitAny: tests look into frames of every kind
export type Frame = { readonly type: string } & Record<string, any>;

export interface Closed {
  readonly code: number;
  readonly reason: string;
}

export interface RefusedUpgrade {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly body: ErrorBody;
}

export class TestSocket {
  readonly ws: WebSocket;
  /** Everything that came, in order. */
  readonly frames: Frame[] = [];
  /** Text frames as they came. */
  readonly texts: string[] = [];
  readonly closed: Promise<Closed>;
  #taken = 0;
  #wake: () => void = () => undefined;
  #isClosed = false;

  private constructor(ws: WebSocket) {
    this.ws = ws;
    ws.on("message", (data) => this.#onMessage(String(data)));
    ws.on("error", () => undefined);
    this.closed = new Promise((resolve) => {
      ws.on("close", (code, reason) => {
        this.#isClosed = true;
        this.#wake();
        resolve({ code, reason: String(reason) });
      });
    });
  }

  static open(
    url: string,
    options: ClientOptions = {},
    protocols: string[] = ["trueline.v1"],
  ): Promise<TestSocket> {
    const ws = new WebSocket(url, protocols, options);
    const socket = new TestSocket(ws);
    return new Promise((resolve, reject) => {
      ws.on("open", () => resolve(socket));
      ws.on("error", reject);
    });
  }

  /** For an upgrade that must not succeed. */
  static refused(
    url: string,
    options: ClientOptions = {},
    protocols: string[] = ["trueline.v1"],
  ): Promise<RefusedUpgrade> {
    const ws = new WebSocket(url, protocols, options);
    return new Promise((resolve, reject) => {
      ws.on("open", () => reject(new Error("the upgrade was accepted")));
      ws.on("error", reject);
      ws.on("unexpected-response", (_request, response) => {
        text(response).then((body) => {
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: JSON.parse(body) });
        }, reject);
      });
    });
  }

  send(frame: unknown): void {
    this.ws.send(typeof frame === "string" || Buffer.isBuffer(frame) ? frame : JSON.stringify(frame));
  }

  /** The first frame of this type among those that came. */
  came(type: string): Frame {
    const frame = this.frames.find((each) => each.type === type);
    if (!frame) throw new Error(`no ${type} came, but ${this.frames.map((each) => each.type).join(", ")}`);
    return frame;
  }

  /** The next frame of one of these types; those before it are skipped. */
  async next(...types: string[]): Promise<Frame> {
    for (;;) {
      while (this.#taken < this.frames.length) {
        const frame = this.frames[this.#taken++];
        if (frame && (types.length === 0 || types.includes(frame.type))) return frame;
      }
      if (this.#isClosed) throw new Error(`closed before ${types.join(" or ")} came: ${this.texts.at(-1)}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async close(): Promise<Closed> {
    this.ws.close();
    return this.closed;
  }

  #onMessage(message: string): void {
    this.texts.push(message);
    const parsed: Frame | Frame[] = JSON.parse(message);
    this.frames.push(...(Array.isArray(parsed) ? parsed : [parsed]));
    this.#wake();
  }
}
