/**
 * What one user was told, over all devices and all lives of the server: what was sent, what was acknowledged, what each
 * seq stood for. Whatever contradicts something told before is a fault, in words. Never repairs anything.
 */
import type { LogEvent } from "@trueline/protocol";

export interface Acknowledged {
  readonly runId: string;
  readonly threadId: string;
  readonly messageId: string;
}

export interface SentMessage {
  readonly id: string;
  readonly text: string;
  readonly threadId: string | undefined;
  answer?: Acknowledged;
}

export class Ledger {
  readonly user: string;
  readonly faults: string[] = [];
  readonly sent = new Map<string, SentMessage>();
  /** Runs that a cancel was sent for. */
  readonly cancelled = new Set<string>();
  epoch: string | undefined;
  /** Client ids by run. */
  readonly #byRun = new Map<string, string>();
  readonly #events = new Map<number, string>();
  /** How much of its run's answer was there at the end of a `text_delta`. */
  readonly #lengths = new Map<number, string>();

  constructor(user: string) {
    this.user = user;
  }

  fault(what: string): void {
    if (this.faults.length < 20) this.faults.push(`${this.user}: ${what}`);
  }

  acknowledged(id: string, { runId, threadId, messageId }: Acknowledged): void {
    const message = this.sent.get(id);
    if (!message) {
      this.fault(`an ack for ${id}, which was not sent`);
      return;
    }
    const before = message.answer;
    const answer = { runId, threadId, messageId };
    if (before && JSON.stringify(before) !== JSON.stringify(answer))
      this.fault(`${id} was acknowledged twice, differently: ${JSON.stringify([before, answer])}`);
    if (message.threadId !== undefined && threadId !== message.threadId)
      this.fault(`${id} went into another thread`);
    const other = this.#byRun.get(runId) ?? id;
    if (other !== id) this.fault(`${id} and ${other} share a run`);
    this.#byRun.set(runId, id);
    message.answer = answer;
  }

  /** No seq stands for two events, on whatever device and in whatever life of the server. */
  saw(event: LogEvent, answerLength: number): void {
    const [known, what] =
      event.type === "text_delta"
        ? [this.#lengths, `${event.runId}+${answerLength}`]
        : [this.#events, JSON.stringify(event)];
    const before = known.get(event.seq);
    const other = event.type === "text_delta" ? this.#events : this.#lengths;
    if (before === undefined && !other.has(event.seq)) known.set(event.seq, what);
    else if (before !== what)
      this.fault(`seq ${event.seq} stood for two events: ${before ?? other.get(event.seq)} and ${what}`);
  }

  get events(): number {
    return this.#events.size + this.#lengths.size;
  }
}
