/**
 * One raw socket of the probe: keeps all that comes, in order and with its time, and hides nothing. It can be cut in the
 * middle of a frame, as a network does it. No client library: one that drops doubles would hide what is to be found.
 */
import { afterClose, type Position, subprotocol } from "@trueline/protocol";
import { WebSocket } from "ws";
import { Inconclusive, LegFailure } from "./failures.ts";
import { type Control, type ControlOf, itemsOf, type Received, type WireEvent } from "./received.ts";

export interface Opening {
  readonly url: string;
  readonly ticket: string;
  readonly position?: Position;
  readonly version: string;
  readonly signal: AbortSignal;
}

type Ended = { readonly code: number; readonly reason: string };
/** Looks again, when something has come or the socket has ended. */
type Waiter = () => void;

export class ProbeSocket {
  readonly received: Received[] = [];
  /** The frames as text: where another user's words must not be. */
  readonly texts: string[] = [];
  readonly #socket: WebSocket;
  readonly #waiters = new Set<Waiter>();
  #ended: Ended | undefined;
  #cutAt: ((event: WireEvent) => boolean) | undefined;
  #trouble: string | undefined;

  /** Resolves with the socket and its `welcome`. */
  static async open(opening: Opening): Promise<{ socket: ProbeSocket; welcome: ControlOf<"welcome"> }> {
    const socket = new ProbeSocket(opening);
    try {
      const welcome = await socket.control("welcome", "welcome", opening.signal);
      return { socket, welcome };
    } catch (error) {
      socket.terminate();
      throw error;
    }
  }

  private constructor({ url, ticket, position, version }: Opening) {
    const address = `${url.replace(/^http/, "ws")}/v1/ws?ticket=${encodeURIComponent(ticket)}`;
    this.#socket = new WebSocket(address, subprotocol, { perMessageDeflate: false, followRedirects: false });
    const client = { name: "trueline-probe", version };
    const hello = { type: "hello", client, ...(position === undefined ? {} : { position }) };
    this.#socket.on("open", () => this.send(hello));
    this.#socket.on("message", (data) => this.#socketOnMessage(String(data)));
    this.#socket.on("error", (error) => {
      this.#trouble = error.message;
    });
    this.#socket.on("close", (code, reason) => this.#end({ code, reason: String(reason) }));
  }

  send(frame: object): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(frame));
  }

  /** The events so far, of one run or of all. */
  events(runId?: string): readonly (WireEvent & { readonly arrivedAt: number })[] {
    return this.received.flatMap((item) =>
      item.kind === "event" && (runId === undefined || item.event.runId === runId)
        ? [{ ...item.event, arrivedAt: item.at }]
        : [],
    );
  }

  /** The first control frame of a type that `fits`, there already or to come. */
  control<Type extends Control["type"]>(
    type: Type,
    what: string,
    signal: AbortSignal,
    fits: (frame: ControlOf<Type>) => boolean = () => true,
  ): Promise<ControlOf<Type>> {
    return this.until(what, signal, () => {
      for (const item of this.received) {
        if (item.kind !== "control" || item.frame.type !== type) continue;
        const frame = item.frame as ControlOf<Type>;
        if (fits(frame)) return frame;
      }
      return undefined;
    });
  }

  /** Waits until `find` finds, or throws. Ends with the signal, and with the socket, saying which. */
  until<T>(what: string, signal: AbortSignal, find: () => T | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      const settle = (act: () => void): void => {
        this.#waiters.delete(look);
        signal.removeEventListener("abort", signalOnAbort);
        act();
      };
      const look = (): void => {
        try {
          const found = find();
          if (found !== undefined) settle(() => resolve(found));
          else if (this.#ended) settle(() => reject(this.#closedBefore(what)));
        } catch (error) {
          settle(() => reject(error));
        }
      };
      const signalOnAbort = (): void => settle(() => reject(new LegFailure(`${what} did not come in time`)));
      if (signal.aborted) return signalOnAbort();
      signal.addEventListener("abort", signalOnAbort, { once: true });
      this.#waiters.add(look);
      look();
    });
  }

  /** A round trip: what the gateway wrote before its answer has come. */
  async roundTrip(t: string, signal: AbortSignal): Promise<void> {
    this.send({ type: "ping", t });
    await this.control("pong", "pong", signal, (frame) => frame.t === t);
  }

  /** Drops the connection, without a word, right after the first event that fits: what follows it in its frame is lost too. */
  cutAfter(fits: (event: WireEvent) => boolean): void {
    this.#cutAt = fits;
  }

  terminate(): void {
    this.#socket.terminate();
  }

  /** As a client that is done. */
  close(): void {
    this.#socket.close(1000);
  }

  #socketOnMessage(text: string): void {
    if (this.#ended) return;
    this.texts.push(text);
    const at = performance.now();
    for (const item of itemsOf(text)) {
      this.received.push({ ...item, at });
      if (item.kind === "event" && this.#cutAt?.(item.event)) {
        this.#end({ code: 1006, reason: "cut by the probe" });
        this.terminate();
        return;
      }
    }
    this.#look();
  }

  #end(ended: Ended): void {
    this.#ended ??= ended;
    this.#look();
  }

  #look(): void {
    for (const look of [...this.#waiters]) look();
  }

  #closedBefore(what: string): Error {
    const { code, reason } = this.#ended ?? { code: 1006, reason: "" };
    const went = this.received.some((item) => item.kind === "control" && item.frame.type === "going_away");
    const why = this.#trouble ?? (reason === "" ? `code ${code}` : `code ${code}, ${reason}`);
    const said = this.received.findLast((item) => item.kind === "control" && item.frame.type === "error");
    const error =
      said?.kind === "control" && said.frame.type === "error" ? `; it said: ${said.frame.message}` : "";
    const sentence = `the gateway closed the socket (${why}) before ${what}${error}`;
    if (went && afterClose(code) === "reconnect") return new Inconclusive("going_away", sentence);
    return new LegFailure(sentence);
  }
}
