/**
 * Users with several devices each who talk to the agent all the while, and the judgement of what they were told: at the
 * end everything that was acknowledged must be there, once, in order, on every device, over HTTP and in a full replay.
 */
import { existsSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { ThreadListResponse, ThreadResponse } from "@trueline/protocol";
import type { ChildGateway } from "./child-gateway.ts";
import { Device } from "./device.ts";
import { Ledger, type SentMessage } from "./ledger.ts";
import type { Random } from "./random.ts";
import { answerOf } from "./scripted-agent.ts";

export interface PopulationOptions {
  readonly gateway: ChildGateway;
  readonly users: number;
  readonly devices: number;
  /** Messages of one user that may be on their way at once. */
  readonly open: number;
  readonly random: Random;
}

export interface Totals {
  readonly messages: number;
  readonly events: number;
  readonly drops: number;
  readonly cancelled: number;
  readonly toolLines: number;
}

/** How long everybody may take to hear the end of what they began, milliseconds. */
const settleMs = 60_000;

export class Population {
  readonly #options: PopulationOptions;
  readonly #people: readonly Person[];
  #stays: Promise<unknown> = Promise.resolve();

  constructor(options: PopulationOptions) {
    this.#options = options;
    this.#people = Array.from({ length: options.users }, (_, index) => new Person(`user-${index}`, options));
  }

  get devices(): readonly Device[] {
    return this.#people.flatMap(({ devices }) => devices);
  }

  get faults(): readonly string[] {
    return this.#people.flatMap(({ ledger }) => ledger.faults);
  }

  /** Everybody comes; resolves when all are live. */
  async arrive(): Promise<void> {
    this.#stays = Promise.all(this.devices.map((device) => device.stay()));
    await this.untilLive();
  }

  async untilLive(): Promise<void> {
    await this.#until("not all came in", () => this.devices.every(({ state }) => state === "live"));
  }

  talk(): void {
    for (const person of this.#people) person.isTalking = true;
    for (const person of this.#people) person.talk();
  }

  /** Nothing new; what was begun comes to its end on every device. */
  async settle(): Promise<void> {
    for (const person of this.#people) person.isTalking = false;
    await this.#until("not everything came to its end", () => this.#people.every((person) => person.isQuiet));
  }

  /** Looks at everything again by other ways. To be called when all is quiet and the server runs. */
  async audit(): Promise<Totals> {
    const lines = this.#checkLines();
    // What is wrong already would only be found again, with more words.
    if (this.faults.length === 0) await Promise.all(this.#people.map((person) => person.audit()));
    const sum = (of: (person: Person) => number) =>
      this.#people.reduce((total, person) => total + of(person), 0);
    return {
      messages: sum(({ ledger }) => ledger.sent.size),
      events: sum(({ ledger }) => ledger.events),
      drops: this.devices.reduce((total, { drops }) => total + drops, 0),
      cancelled: sum(({ ledger }) => ledger.cancelled.size),
      toolLines: lines,
    };
  }

  async leave(): Promise<void> {
    for (const device of this.devices) device.leave();
    await this.#stays;
  }

  /** No call of the tool that may not be repeated has two lines; each that was said to have gone well has one. */
  #checkLines(): number {
    const { linesFile } = this.#options.gateway;
    const text = existsSync(linesFile) ? readFileSync(linesFile, "utf8") : "";
    const lines = text.split("\n").filter((line) => line !== "");
    const once = new Set(lines);
    for (const line of once) {
      const times = lines.filter((other) => other === line).length;
      if (times > 1)
        this.#people[0]?.ledger.fault(`a tool that may not be repeated ran ${times} times: ${line}`);
    }
    const executed = new Set(this.devices.flatMap(({ view }) => [...view.executed]));
    for (const line of once)
      if (!executed.has(line)) this.#people[0]?.ledger.fault(`a tool ran unseen: ${line}`);
    for (const { view } of this.devices)
      for (const { runId, callId } of view.succeeded)
        if (!once.has(`${runId} ${callId}`))
          this.#people[0]?.ledger.fault(`a tool did not run: ${callId} of ${runId}`);
    return lines.length;
  }

  async #until(what: string, holds: () => boolean): Promise<void> {
    const deadline = performance.now() + settleMs;
    while (!holds()) {
      if (this.faults.length > 0) return;
      if (!this.#options.gateway.isRunning)
        throw new Error(`the gateway ended: ${this.#options.gateway.output}`);
      if (performance.now() > deadline) {
        this.#people.find(({ isQuiet }) => !isQuiet)?.ledger.fault(`${what}: ${this.#describe()}`);
        if (this.faults.length === 0) this.#people[0]?.ledger.fault(what);
        return;
      }
      await sleep(5);
    }
  }

  #describe(): string {
    return this.#people
      .flatMap((person) => person.missing)
      .slice(0, 5)
      .join("; ");
  }
}

class Person {
  readonly ledger: Ledger;
  readonly devices: readonly Device[];
  readonly #options: PopulationOptions;
  isTalking = false;
  #count = 0;
  /** Messages whose end was not seen on every device. */
  #unsettled: SentMessage[] = [];

  constructor(user: string, options: PopulationOptions) {
    this.ledger = new Ledger(user);
    this.#options = options;
    this.devices = Array.from(
      { length: options.devices },
      (_, index) =>
        new Device({
          url: () => options.gateway.url,
          // Some get every event in a frame of its own, the others gathered ones.
          gather: index % 3 !== 1,
          ledger: this.ledger,
          name: `device ${index}`,
          onFrame: () => this.talk(),
        }),
    );
  }

  talk(): void {
    const { random, open } = this.#options;
    if (!this.isTalking) return;
    for (let count = this.#open.length; count < open; count++) this.#sendNext(random);
    if (!random.chance(0.001)) return;
    const running = this.#open.find(({ answer }) => answer)?.answer;
    if (running) random.pick(this.devices).cancel(`cancel-${this.#count++}`, running.runId);
  }

  get isQuiet(): boolean {
    return this.missing.length === 0;
  }

  get missing(): readonly string[] {
    this.#unsettled = this.#unsettled.filter((message) => this.#missingOf(message) !== undefined);
    const waiting = this.devices.filter(({ unanswered }) => unanswered > 0);
    return [
      ...this.#unsettled.flatMap((message) => this.#missingOf(message) ?? []),
      ...waiting.map(({ view, unanswered }) => `${view.name} waits for ${unanswered} answers`),
    ];
  }

  async audit(): Promise<void> {
    await this.#auditReplay();
    await this.#auditThreads();
    await this.#auditResend();
  }

  #missingOf({ id, answer }: SentMessage): string | undefined {
    if (!answer) return `${id} was never answered`;
    const without = this.devices.filter(({ view }) => !view.hasEnded(answer.runId));
    return without.length > 0
      ? `${without.length} devices did not see the end of ${answer.runId}`
      : undefined;
  }

  get #open(): readonly SentMessage[] {
    return this.#unsettled.filter(
      ({ answer }) => !answer || !this.devices.some(({ view }) => view.hasEnded(answer.runId)),
    );
  }

  #sendNext(random: Random): void {
    const { ledger, devices } = this;
    const id = `${ledger.user}-${this.#count++}`;
    const threads = this.#unsettled.flatMap(({ answer }) => (answer ? [answer.threadId] : []));
    const threadId = threads.length > 0 && random.chance(0.6) ? random.pick(threads) : undefined;
    const message: SentMessage = { id, text: id, threadId };
    this.#unsettled.push(message);
    random.pick(devices).send(message);
    // The same message from a second device at once: one run, one answer.
    if (random.chance(0.2)) random.pick(devices).send(message);
  }

  /** A device that comes new and reads the whole log, one event a frame. */
  async #auditReplay(): Promise<void> {
    const { ledger } = this;
    const replay = new Device({
      url: () => this.#options.gateway.url,
      gather: false,
      ledger,
      name: "replay",
    });
    const stay = replay.stay();
    const head = Math.max(...this.devices.map(({ view }) => view.seq));
    let reached = 0;
    let deadline = performance.now() + settleMs;
    while (replay.view.seq < head && performance.now() < deadline && ledger.faults.length === 0) {
      // A long log takes its time; only one that stands still is not whole.
      if (replay.view.seq > reached) deadline = performance.now() + settleMs;
      reached = replay.view.seq;
      await sleep(5);
    }
    replay.leave();
    await stay;
    if (replay.view.seq !== head) ledger.fault(`a full replay ends at ${replay.view.seq} instead of ${head}`);
    for (const { id, answer } of ledger.sent.values())
      if (answer && !replay.view.hasEnded(answer.runId))
        ledger.fault(`the log has no end of the run of ${id}`);
  }

  async #auditThreads(): Promise<void> {
    const { threads } = await this.#get<ThreadListResponse>("/v1/threads");
    const found = await Promise.all(threads.map(({ id }) => this.#get<ThreadResponse>(`/v1/threads/${id}`)));
    const messages = found.flatMap((thread) =>
      thread.messages.map((message) => ({ ...message, thread: thread.id })),
    );
    const asked = messages.filter(({ role }) => role === "user");
    if (asked.length !== this.ledger.sent.size)
      this.ledger.fault(`${asked.length} messages are kept of ${this.ledger.sent.size}`);
    for (const { id, text, answer } of this.ledger.sent.values()) {
      const kept = asked.filter(({ clientId }) => clientId === id);
      if (kept.length !== 1 || kept[0]?.text !== text || kept[0].thread !== answer?.threadId)
        this.ledger.fault(`${id} is kept ${kept.length} times or differently`);
      const answers = messages.filter(({ role, runId }) => role === "agent" && runId === answer?.runId);
      const cancelled = answer && this.ledger.cancelled.has(answer.runId);
      if (!cancelled && (answers.length !== 1 || answers[0]?.text !== answerOf(text)))
        this.ledger.fault(`the answer to ${id} is kept ${answers.length} times or differently`);
    }
    if (found.some(({ openRuns }) => openRuns.length > 0)) this.ledger.fault("a run is still open");
  }

  /** The same ids once more, over HTTP: the same answers, and nothing new in the log. */
  async #auditResend(): Promise<void> {
    for (const { id, text, threadId = "new", answer } of [...this.ledger.sent.values()].slice(-10)) {
      const response = await fetch(`${this.#options.gateway.url}/v1/threads/${threadId}/messages`, {
        method: "POST",
        headers: { authorization: `Bearer ${this.ledger.user}`, "content-type": "application/json" },
        body: JSON.stringify({ id, text }),
      });
      const again = (await response.json()) as typeof answer;
      if (again && response.status === 202) this.ledger.acknowledged(id, again);
      else this.ledger.fault(`${id} over HTTP was answered ${response.status}`);
    }
  }

  async #get<Body>(path: string): Promise<Body> {
    const headers = { authorization: `Bearer ${this.ledger.user}` };
    const response = await fetch(this.#options.gateway.url + path, { headers });
    if (!response.ok) this.ledger.fault(`GET ${path} was answered ${response.status}`);
    return (await response.json()) as Body;
  }
}
