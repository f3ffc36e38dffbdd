/**
 * One socket of a user that comes back from its position whenever it was cut off, and sends again, with the same id,
 * what was not answered. Hides nothing: every frame goes to the judge.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { closeCodes, type LogEvent, type ServerFrame, subprotocol } from "@trueline/protocol";
import { WebSocket } from "ws";
import type { Ledger, SentMessage } from "./ledger.ts";
import { View } from "./view.ts";

export interface DeviceOptions {
  readonly url: () => string;
  readonly gather: boolean;
  readonly ledger: Ledger;
  readonly name: string;
  /** Told after each frame. */
  readonly onFrame?: () => void;
}

type State = "away" | "joining" | "live" | "left";

export class Device {
  readonly view: View;
  readonly #options: DeviceOptions;
  #state: State = "away";
  #socket: WebSocket | undefined;
  readonly #waiting = new Map<string, SentMessage>();
  /** How often the server said going_away, and how often it closed with that code. */
  readonly goingAway = { told: 0, closed: 0 };
  /** How often a live socket was cut off. */
  drops = 0;
  /** Whether the server said going_away on this socket, and whether we gave it a position. */
  #announced = false;
  #gavePosition = false;

  constructor(options: DeviceOptions) {
    this.#options = options;
    this.view = new View(options.ledger, options.name);
  }

  get state(): State {
    return this.#state;
  }

  get unanswered(): number {
    return this.#waiting.size;
  }

  /** Comes, and comes back, until `leave`. */
  async stay(): Promise<void> {
    while (!this.#hasLeft) {
      await this.#visit();
      if (!this.#hasLeft) await sleep(20 + Math.random() * 60);
    }
  }

  get #hasLeft(): boolean {
    return this.#state === "left";
  }

  leave(): void {
    this.#state = "left";
    this.#socket?.terminate();
  }

  send(message: SentMessage): void {
    this.#options.ledger.sent.set(message.id, message);
    this.#waiting.set(message.id, message);
    this.#put(message);
  }

  cancel(id: string, runId: string): void {
    this.#options.ledger.cancelled.add(runId);
    this.#write({ type: "cancel", id, runId });
  }

  #visit(): Promise<void> {
    const { url, ledger, gather } = this.#options;
    const socket = new WebSocket(`${url().replace("http", "ws")}/v1/ws`, subprotocol, {
      headers: { authorization: `Bearer ${ledger.user}` },
      perMessageDeflate: false,
    });
    this.#socket = socket;
    this.#announced = false;
    this.#state = "joining";
    socket.on("open", () => {
      const { epoch } = ledger;
      this.#gavePosition = epoch !== undefined;
      const position = epoch === undefined ? {} : { position: { epoch, seq: this.view.seq } };
      const client = { name: "proof", version: "1" };
      socket.send(JSON.stringify({ type: "hello", client, gather, ...position }));
    });
    socket.on("message", (data) => this.#onMessage(String(data)));
    // Followed by its close.
    socket.on("error", () => undefined);
    return new Promise((resolve) => {
      socket.on("close", (code) => {
        this.#onClose(code);
        resolve();
      });
    });
  }

  #onClose(code: number): void {
    if (this.#state === "left") return;
    if (code === closeCodes.going_away) this.goingAway.closed += 1;
    if (code === closeCodes.going_away && !this.#announced)
      this.#fault("was closed going_away without having been told");
    if (code >= 4001) this.#fault(`was closed with ${code}`);
    if (this.#state === "live") this.drops += 1;
    this.#state = "away";
  }

  #onMessage(text: string): void {
    // What comes after `leave` is nobody's.
    if (this.#state === "left") return;
    const parsed: ServerFrame | readonly ServerFrame[] = JSON.parse(text);
    if (Array.isArray(parsed)) for (const frame of parsed) this.#onFrame(frame);
    else this.#onFrame(parsed as ServerFrame);
    this.#options.onFrame?.();
  }

  #onFrame(frame: ServerFrame): void {
    const { ledger } = this.#options;
    switch (frame.type) {
      case "welcome":
        this.#onWelcome(frame.position, frame.resumed);
        return;
      case "ack":
        if (this.#waiting.delete(frame.id)) ledger.acknowledged(frame.id, frame);
        return;
      case "refused":
        this.#onRefused(frame.id, frame.code, frame.message);
        return;
      case "going_away":
        this.goingAway.told += 1;
        this.#announced = true;
        return;
      case "reset":
        this.#fault(`was reset: ${frame.reason}`);
        return;
      case "error":
        this.#fault(`error: ${frame.message}`);
        return;
      case "pong":
        return;
      default:
        if (this.#state !== "live") this.#fault("got an event before welcome");
        this.view.take(frame as LogEvent);
    }
  }

  #onWelcome({ epoch, seq }: { epoch: string; seq: number }, resumed: string): void {
    const { ledger } = this.#options;
    if (resumed !== (this.#gavePosition ? "replayed" : "live")) this.#fault(`came back ${resumed}`);
    ledger.epoch ??= epoch;
    if (epoch !== ledger.epoch) this.#fault(`epoch ${epoch} instead of ${ledger.epoch}`);
    if (seq !== this.view.seq) this.#fault(`welcomed at ${seq} instead of ${this.view.seq}`);
    this.#state = "live";
    for (const message of this.#waiting.values()) this.#put(message);
  }

  #onRefused(id: string, code: string, message: string): void {
    const waiting = this.#waiting.get(id);
    // A cancel that came too late, or to a run that a crash has not brought back yet, is no fault.
    if (!waiting) return;
    if (code !== "store_unavailable" && code !== "going_away")
      this.#fault(`${id} was refused: ${code} ${message}`);
    else setTimeout(() => this.#waiting.has(id) && this.#put(waiting), 50);
  }

  #put({ id, text, threadId }: SentMessage): void {
    this.#write({ type: "send", id, text, ...(threadId === undefined ? {} : { threadId }) });
  }

  #write(frame: object): void {
    if (this.#state === "live" && this.#socket?.readyState === WebSocket.OPEN)
      this.#socket.send(JSON.stringify(frame));
  }

  #fault(what: string): void {
    this.#options.ledger.fault(`${this.#options.name}: ${what}`);
  }
}
