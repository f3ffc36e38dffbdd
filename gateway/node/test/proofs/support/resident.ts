/** A user with a secret who keeps every byte that came, whichever way, and searches it for the secrets of others. */
import { createHash } from "node:crypto";
import { once } from "node:events";
import { type ServerFrame, subprotocol, type ThreadListResponse } from "@trueline/protocol";
import { WebSocket } from "ws";
import type { ChildGateway } from "./child-gateway.ts";
import { commonWord, markerPattern } from "./marker-agent.ts";

export interface Called {
  readonly status: number;
  /** Without what differs from request to request. */
  readonly headers: string;
  readonly body: string;
}

export interface OwnIds {
  readonly runId: string;
  readonly threadId: string;
  readonly messageId: string;
}

export class Resident {
  readonly id: string;
  readonly marker: string;
  readonly faults: string[] = [];
  readonly #gateway: ChildGateway;
  readonly #leaving = new AbortController();
  readonly #received: string[] = [];
  readonly #ended = Promise.withResolvers<void>();
  readonly #waiting = new Map<string, (frame: ServerFrame) => void>();
  #socket: WebSocket | undefined;
  #ids: OwnIds | undefined;

  constructor(who: number | string, gateway: ChildGateway) {
    this.id = typeof who === "number" ? `resident-${who}` : who;
    this.marker = `mk${createHash("sha256").update(this.id).digest("hex").slice(0, 16)}`;
    this.#gateway = gateway;
  }

  get ids(): OwnIds {
    if (!this.#ids) throw new Error(`${this.id} has not asked anything yet`);
    return this.#ids;
  }

  get bytes(): number {
    return this.#received.reduce((sum, text) => sum + text.length, 0);
  }

  /** How often the own one came: a search in which nothing is found would prove nothing. */
  get markers(): number {
    return this.#received.reduce((sum, text) => sum + (text.match(markerPattern)?.length ?? 0), 0);
  }

  foreignMarkers(): readonly string[] {
    const seen = new Set(this.#received.flatMap((text) => text.match(markerPattern) ?? []));
    const foreign = [...seen].filter((marker) => marker !== this.marker);
    const own = seen.has(this.marker) ? [] : [`${this.id} never saw its own marker`];
    return [...own, ...foreign.map((marker) => `${this.id} saw ${marker}`)];
  }

  /** By WebSocket and by SSE. */
  async enter(): Promise<void> {
    const { url } = this.#gateway;
    const headers = { authorization: `Bearer ${this.id}` };
    const socket = new WebSocket(`${url.replace("http", "ws")}/v1/ws`, subprotocol, { headers });
    this.#socket = socket;
    socket.on("error", (error) => this.faults.push(`${this.id}: ${error.message}`));
    socket.on("message", (data) => this.#onMessage(String(data)));
    await once(socket, "open");
    socket.send(JSON.stringify({ type: "hello", client: { name: "proof", version: "1" } }));
    const events = await fetch(`${url}/v1/events`, { headers, signal: this.#leaving.signal });
    void this.#readStream(events);
  }

  /** The marker stands in the text, hence in the title. */
  ask(): void {
    const text = `${commonWord} ${this.marker}`;
    this.request({ type: "send", id: "secret", text, agent: "marker" }).then((frame) => {
      if (frame.type !== "ack") {
        this.faults.push(`${this.id}: ${JSON.stringify(frame)}`);
        return;
      }
      const { runId, threadId, messageId } = frame;
      this.#ids = { runId, threadId, messageId };
    });
  }

  answered(): Promise<void> {
    return this.#ended.promise;
  }

  /** A frame with an id, and its answer. */
  request(frame: { readonly id: string } & Record<string, unknown>): Promise<ServerFrame> {
    return new Promise((resolve) => {
      this.#waiting.set(frame.id, resolve);
      this.#socket?.send(JSON.stringify(frame));
    });
  }

  async readEverything(): Promise<void> {
    const { runId, threadId } = this.ids;
    const { body } = await this.call("GET", "/v1/threads");
    const { threads } = JSON.parse(body) as ThreadListResponse;
    if (threads.length !== 1) this.faults.push(`${this.id} has ${threads.length} threads instead of 1`);
    await this.call("PATCH", `/v1/threads/${threadId}`, { title: `renamed ${this.marker}` });
    await this.call("POST", "/v1/threads", { title: `empty ${this.marker}` });
    for (const path of [`/v1/threads/${threadId}`, `/v1/runs/${runId}`, "/v1/agents", "/v1/auth/me"])
      await this.call("GET", path);
    // Errors too: what is wrong is named, and only what is one's own.
    await this.call("POST", `/v1/threads/${threadId}/messages`, {
      id: "",
      text: this.marker,
      no: this.marker,
    });
    await this.call("GET", `/v1/threads/${this.marker}`);
    await this.call("POST", `/v1/threads/${threadId}/messages`, { id: "secret", text: "another text" });
  }

  async call(method: string, path: string, body?: unknown, bearer = this.id): Promise<Called> {
    const response = await fetch(this.#gateway.url + path, {
      method,
      headers: {
        authorization: `Bearer ${bearer}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const headers = [...response.headers].filter(([name]) => name !== "x-request-id" && name !== "date");
    this.#received.push(text, JSON.stringify([...response.headers]));
    return { status: response.status, headers: JSON.stringify(headers), body: text };
  }

  leave(): void {
    this.#leaving.abort();
    this.#socket?.terminate();
  }

  #onMessage(text: string): void {
    this.#received.push(text);
    for (const frame of [JSON.parse(text) as ServerFrame | readonly ServerFrame[]].flat() as ServerFrame[]) {
      if (frame.type === "agent_completed") this.#ended.resolve();
      if (frame.type === "agent_failed") {
        this.faults.push(`${this.id}: ${frame.data.message}`);
        this.#ended.resolve();
      }
      if ("id" in frame) this.#answerTo(frame.id, frame);
    }
  }

  #answerTo(id: string, frame: ServerFrame): void {
    this.#waiting.get(id)?.(frame);
    this.#waiting.delete(id);
  }

  async #readStream(response: Response): Promise<void> {
    const decoder = new TextDecoder();
    try {
      for await (const chunk of response.body ?? [])
        this.#received.push(decoder.decode(chunk, { stream: true }));
    } catch (error) {
      if (!this.#leaving.signal.aborted)
        this.faults.push(`${this.id}: SSE ended: ${(error as Error).message}`);
    }
  }
}
