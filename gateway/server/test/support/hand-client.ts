/** A client of the wire contract over a transport flushed by hand: keeps its position, and checks every frame it gets. */
import type { UserId } from "@trueline/kit";
import type { AckFrame, LogEvent, RefusedFrame, ServerFrame, UserView } from "@trueline/protocol";
import { expect } from "vitest";
import type { Connection } from "../../src/connection/connection.ts";
import type { Managers } from "../../src/manager/manager.ts";
import { HandTransport } from "./hand-transport.ts";

export const viewOf = (id: UserId): UserView => ({ id, email: `${id}@example.com`, name: id, role: "user" });

export class HandClient {
  readonly events: LogEvent[] = [];
  readonly answers: (AckFrame | RefusedFrame)[] = [];
  readonly resets: string[] = [];
  transport = new HandTransport();
  connection: Connection | undefined;
  position: { epoch: string; seq: number } | undefined;
  readonly #managers: Managers;
  readonly #user: UserId;

  constructor(managers: Managers, user: UserId) {
    this.#managers = managers;
    this.#user = user;
  }

  async connect(options: { held?: boolean; room?: number; gather?: boolean } = {}): Promise<void> {
    this.drop();
    const { gather, ...rest } = options;
    const transport = new HandTransport(rest);
    const manager = await this.#managers.for(this.#user);
    const admitted = manager.admit();
    if (!admitted.ok) throw new Error(admitted.message);
    this.transport = transport;
    this.connection = admitted.place.connect(transport, { view: viewOf(this.#user), session: null });
    const position = this.position ? { position: this.position } : {};
    this.say({
      type: "hello",
      client: { name: "hand", version: "1" },
      ...position,
      ...(gather === undefined ? {} : { gather }),
    });
  }

  say(frame: object): void {
    this.connection?.receive(JSON.stringify(frame));
  }

  /** As when the cable is pulled: what waited in the socket is lost. */
  drop(): void {
    this.take();
    this.connection?.closed();
    this.connection = undefined;
  }

  flush(): void {
    this.transport.flush();
    this.take();
    this.connection?.drained();
  }

  release(): void {
    this.transport.release();
    this.flush();
  }

  take(): void {
    for (const frame of this.transport.received.splice(0)) this.#read(frame);
  }

  #read(frame: ServerFrame): void {
    if (frame.type === "welcome") this.position = frame.position;
    else if (frame.type === "reset") {
      this.resets.push(frame.reason);
      this.position = frame.position;
    } else if (frame.type === "ack" || frame.type === "refused") this.answers.push(frame);
    else if ("seq" in frame) {
      const position = this.position ?? expect.fail("an event before welcome");
      expect(frame.firstSeq ?? frame.seq, "the next event").toBe(position.seq + 1);
      this.position = { epoch: position.epoch, seq: frame.seq };
      this.events.push(frame);
    }
  }
}
