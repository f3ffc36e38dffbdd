/**
 * One socket, from the handshake to its end: says `hello`, parses frames, and finds out when the other side is gone
 * though the socket looks open. Calls back `onClosed` exactly once, and nothing after it. Made by connection.ts.
 */
import { type HelloFrame, type ServerFrame, subprotocol } from "@trueline/protocol/wire";
import type { WebSocketConstructor, WebSocketLike } from "./options.ts";

export interface LinkOptions {
  readonly url: string;
  /** Sent as a bearer header; undefined when the URL holds a ticket. */
  readonly token: string | undefined;
  readonly hello: HelloFrame;
  readonly WebSocket: WebSocketConstructor;
  readonly connectTimeoutMs: number;
  readonly pingIntervalMs: number;
  readonly pongTimeoutMs: number;
  /** Both of these while an answer is due. */
  readonly busyPingIntervalMs: number;
  /** Whether the server owes something: the answer to a request, or the rest of a run. */
  readonly isBusy: () => boolean;
  /** What one text frame held, in order. */
  readonly onFrames: (frames: readonly ServerFrame[]) => void;
  readonly onClosed: (end: LinkEnd) => void;
}

/** Those of them that the program gives. */
export type LinkSettings = Pick<
  LinkOptions,
  "WebSocket" | "connectTimeoutMs" | "pingIntervalMs" | "pongTimeoutMs" | "busyPingIntervalMs"
>;

export interface LinkEnd {
  /** Of the close frame; 1006 where there was none. */
  readonly code: number;
  readonly reason: string;
  /** Whether the socket had opened: if not, the upgrade was refused or the server not reached. */
  readonly opened: boolean;
}

/** Of the ranges that a client may use: it does not go on because the frames did not follow. */
const outOfStep = 3001;
const gone = 1006;

export class Link {
  readonly #options: LinkOptions;
  readonly #socket: WebSocketLike;
  /** `asking`: open, and a ping is not answered yet. */
  #state: "opening" | "greeting" | "open" | "asking" | "closed" = "opening";
  /** Until `welcome`: the end of patience. Then: the next question whether the server is there, or the end of the wait for its answer. */
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Milliseconds since 1970 at which the timer fires. */
  #due = 0;
  #pings = 0;

  constructor(options: LinkOptions) {
    this.#options = options;
    this.#socket = openSocket(options);
    this.#socket.onopen = () => this.#socketOnOpen();
    this.#socket.onmessage = ({ data }) => this.#socketOnMessage(data);
    this.#socket.onclose = ({ code, reason }) => this.#end(code, reason);
    // `close` always follows, and says all that there is to know. Without a listener `ws` would end the process.
    this.#socket.onerror = () => undefined;
    this.#timer = setTimeout(() => this.#abandon("no welcome came in time"), options.connectTimeoutMs);
  }

  /** `welcome` came: from now on silence is suspicious, and not more. */
  welcomed(): void {
    if (this.#state !== "greeting") return;
    this.#state = "open";
    this.#awaitSilence();
  }

  send(frame: object): void {
    if (this.#state !== "opening" && this.#state !== "closed") this.#socket.send(JSON.stringify(frame));
  }

  /** The server owes something from now on: its silence is suspicious sooner, but no later than it was. */
  attend(): void {
    if (this.#state === "open" && this.#due > Date.now() + this.#patience().silenceMs) this.#awaitSilence();
  }

  /** Asks now whether the server is there: the network changed, or the machine woke up. */
  probe(): void {
    if (this.#isOpen()) this.#ping();
  }

  /** Ends it from this side, as with a close frame of this code. */
  close(code: number, reason: string): void {
    if (this.#state === "closed") return;
    this.#detach(code === gone ? undefined : code, reason);
    this.#options.onClosed({ code, reason, opened: true });
  }

  /** Frames came that do not follow on what was seen. */
  fail(reason: string): void {
    this.close(outOfStep, reason);
  }

  /** Ends it without a word to anybody. */
  drop(): void {
    if (this.#state !== "closed") this.#detach(1000, "");
  }

  #socketOnOpen(): void {
    this.#state = "greeting";
    this.send(this.#options.hello);
  }

  #socketOnMessage(data: unknown): void {
    if (this.#state === "closed") return;
    const frames = parseFrames(data);
    if (frames) this.#options.onFrames(frames);
    else this.fail("the server sent what is not a frame of trueline.v1");
    // After the frames: they tell whether more is due.
    if (this.#isOpen()) this.#awaitSilence();
  }

  #isOpen(): boolean {
    return this.#state === "open" || this.#state === "asking";
  }

  #awaitSilence(): void {
    this.#state = "open";
    clearTimeout(this.#timer);
    if (this.#options.pingIntervalMs > 0) this.#wait(this.#patience().silenceMs, () => this.#ping());
  }

  #ping(): void {
    this.#state = "asking";
    this.#pings++;
    this.send({ type: "ping", t: this.#pings });
    this.#wait(this.#patience().pongMs, () => this.#abandon("the server did not answer"));
  }

  #wait(ms: number, then: () => void): void {
    clearTimeout(this.#timer);
    this.#due = Date.now() + ms;
    this.#timer = setTimeout(then, ms);
  }

  /** Nobody minds an idle connection that is found dead late; who waits for an answer does. */
  #patience(): { silenceMs: number; pongMs: number } {
    const { pingIntervalMs, pongTimeoutMs, busyPingIntervalMs, isBusy } = this.#options;
    if (!isBusy()) return { silenceMs: pingIntervalMs, pongMs: pongTimeoutMs };
    return {
      silenceMs: Math.min(busyPingIntervalMs, pingIntervalMs),
      pongMs: Math.min(busyPingIntervalMs, pongTimeoutMs),
    };
  }

  /** The closing handshake of a dead socket would take minutes; nobody waits for it. */
  #abandon(reason: string): void {
    const opened = this.#state !== "opening";
    this.#detach(undefined, reason);
    this.#options.onClosed({ code: gone, reason, opened });
  }

  #end(code: number, reason: string): void {
    const opened = this.#state !== "opening";
    this.#state = "closed";
    clearTimeout(this.#timer);
    this.#options.onClosed({ code, reason, opened });
  }

  #detach(code: number | undefined, reason: string): void {
    this.#state = "closed";
    clearTimeout(this.#timer);
    const socket = this.#socket;
    socket.onopen = null;
    socket.onmessage = null;
    socket.onclose = null;
    socket.close(code ?? 1000, reason.slice(0, 100));
  }
}

function openSocket({ WebSocket, url, token }: LinkOptions): WebSocketLike {
  if (token === undefined) return new WebSocket(url, [subprotocol]);
  return new WebSocket(url, { protocols: [subprotocol], headers: { authorization: `Bearer ${token}` } });
}

/** Undefined when it is not what the contract says; only the shape that everything relies on is looked at. */
function parseFrames(data: unknown): readonly ServerFrame[] | undefined {
  if (typeof data !== "string") return undefined;
  let value: unknown;
  try {
    value = JSON.parse(data);
  } catch {
    return undefined;
  }
  const frames = Array.isArray(value) ? value : [value];
  return frames.every(isFrame) ? frames : undefined;
}

const isFrame = (value: unknown): value is ServerFrame =>
  typeof value === "object" && value !== null && typeof (value as { type?: unknown }).type === "string";
