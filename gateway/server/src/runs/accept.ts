/**
 * Accepting a message (RS5, RN4): checks it, gives it a place, records it, announces it in the log; only then it is
 * acknowledged. One message of a user at a time, so that the same id twice is simply the second one finding the first.
 */
import { newId, type ThreadId } from "@trueline/kit";
import type { Refusal, SendOutcome, SendRequest } from "../manager/manager.ts";
import type { AcceptMessage, AcceptOutcome, RunRow, SentMessage } from "../ports/records.ts";
import { Allowance } from "./allowance.ts";
import type { Lanes } from "./lanes.ts";
import type { LiveRun } from "./live-run.ts";
import { type MessageDraft, newThread, type Place, placement, takePlace } from "./places.ts";
import { goingAway, idReused, notFound, notStored, type Refused, refused } from "./refusals.ts";
import { untilStored } from "./retry.ts";
import type { RunsOptions } from "./runs.ts";
import { hashOfText } from "./text-hash.ts";

export interface AcceptanceHost {
  readonly options: RunsOptions;
  readonly lanes: Lanes;
  readonly draining: boolean;
  /** Aborted when this node stops writing: then whoever takes over announces what is not announced. */
  readonly abandoned: AbortSignal;
  /** Whether the thread is about to be deleted. */
  isClosed(thread: ThreadId): boolean;
  /** The run was accepted and has its place. */
  begin(run: LiveRun): void;
  /** The run was not accepted and gives its place back. */
  withdraw(run: LiveRun): void;
  /** Goes on with a recorded run that nobody on this node knows. */
  adopt(row: RunRow): void;
}

export class Acceptance {
  readonly #host: AcceptanceHost;
  readonly #allowance: Allowance;
  #last: Promise<unknown> = Promise.resolve();
  #count = 0;

  constructor(host: AcceptanceHost) {
    this.#host = host;
    this.#allowance = new Allowance(host.options);
  }

  /** Messages being accepted. */
  get count(): number {
    return this.#count;
  }

  send(given: SendRequest): Promise<SendOutcome> {
    // No store keeps lone surrogates: what is compared, recorded and announced is one and the same text.
    const request = { ...given, text: given.text.toWellFormed() };
    const next = () => this.#send(request);
    // Whether the one before went well is its own caller's business.
    const outcome = this.#last.then(next, next);
    this.#last = outcome;
    return outcome;
  }

  async #send(request: SendRequest): Promise<SendOutcome> {
    this.#count += 1;
    try {
      return await this.#accept(request);
    } catch (error) {
      this.#host.options.observer.logger.warn({ error }, "a message could not be stored");
      return notStored();
    } finally {
      this.#count -= 1;
    }
  }

  async #accept(request: SendRequest): Promise<SendOutcome> {
    const { records } = this.#host.options;
    const known = await records.findMessage(request.id);
    if (known !== undefined) return known.text === request.text ? this.#again(known) : idReused();
    const deleted = await records.findDeleted(request.id);
    if (deleted !== undefined)
      return deleted.textHash === hashOfText(request.text) ? this.#again(deleted) : idReused();
    const refusal = this.#formRefusal(request) ?? (await this.#stateRefusal(request));
    if (refusal !== undefined) return { ok: false, ...refusal };
    return this.#acceptIn(request, request.threadId as ThreadId | undefined);
  }

  #formRefusal(request: SendRequest): Refusal | undefined {
    const { limits, agents } = this.#host.options;
    if (this.#host.draining) return goingAway();
    if (request.text.length === 0) return refused("invalid_request", "text: a message needs text");
    if (request.text.length > limits.textLength) {
      const message = `text: ${request.text.length} characters, and the limit textLength is ${limits.textLength}`;
      return refused("invalid_request", message);
    }
    if (agents.find(request.agent) !== undefined) return undefined;
    return refused("unknown_agent", `There is no agent named ${request.agent ?? "by default"}.`);
  }

  async #stateRefusal(request: SendRequest): Promise<Refusal | undefined> {
    const id = request.threadId as ThreadId | undefined;
    if (id !== undefined) {
      const thread = await this.#host.options.records.getThread(id);
      if (thread === undefined) return notFound("thread");
    }
    return this.#allowance.refusal();
  }

  async #acceptIn(request: SendRequest, existing: ThreadId | undefined): Promise<SendOutcome> {
    const message = this.#draft(request, existing);
    const place = this.#place(request, message);
    if ("code" in place) return place;
    const settled = Promise.withResolvers<string | undefined>();
    if (place.kind === "joins") place.run.join(settled.promise);
    const runId = place.run.id;
    const outcome = await this.#record({ ...message, ...placement(place) }, place);
    if (outcome.kind !== "accepted") {
      settled.resolve(undefined);
      return this.#notAccepted(outcome);
    }
    this.#allowance.countMessage();
    const announced = await this.#announce(place, message, settled.resolve);
    if (place.kind === "own") this.#host.begin(place.run);
    return announced
      ? { ok: true, runId, threadId: place.run.threadId, messageId: message.messageId }
      : notStored();
  }

  #draft(request: SendRequest, existing: ThreadId | undefined): MessageDraft {
    const { options } = this.#host;
    return {
      clientId: request.id,
      text: request.text,
      messageId: newId("message"),
      agent: options.agents.find(request.agent)?.name ?? "",
      logSeq: options.log.position.seq,
      at: options.clock.now(),
      thread: existing === undefined ? newThread(request.text) : { existing },
    };
  }

  /** Synchronous, so that nobody takes the same place in between. */
  #place(request: SendRequest, message: MessageDraft): Place | Refused {
    const { lanes, options } = this.#host;
    const threadId = "existing" in message.thread ? message.thread.existing : message.thread.create;
    if (this.#host.isClosed(threadId)) return notFound("thread");
    return takePlace(lanes, options, message, threadId, request.whileActive === "steer");
  }

  /** When the store does not say whether it took the message, it is asked. */
  async #record(message: AcceptMessage, place: Place): Promise<AcceptOutcome> {
    const { records } = this.#host.options;
    let accepted = false;
    try {
      const outcome = await records.accept(message).catch(async (error: unknown): Promise<AcceptOutcome> => {
        if ((await records.findMessage(message.clientId))?.id === message.messageId)
          return { kind: "accepted" };
        throw error;
      });
      accepted = outcome.kind === "accepted";
      return outcome;
    } finally {
      if (!accepted && place.kind === "own") this.#host.withdraw(place.run);
    }
  }

  #notAccepted(outcome: Exclude<AcceptOutcome, { kind: "accepted" }>): SendOutcome | Promise<SendOutcome> {
    if (outcome.kind === "repeated") return this.#again(outcome.message);
    return outcome.kind === "id_reused" ? idReused() : notFound("thread");
  }

  /** True when the log has it now. Otherwise it is tried on, and the run waits for it. */
  async #announce(
    place: Place,
    message: MessageDraft,
    joined: (text: string | undefined) => void,
  ): Promise<boolean> {
    const { options, abandoned } = this.#host;
    const done = () => {
      joined(message.text);
      if (place.kind === "own") place.run.announce();
    };
    try {
      await writeAnnouncement(place, message);
      done();
      return true;
    } catch (error) {
      const onFailure = (failure: unknown) =>
        options.observer.logger.warn(
          { error: failure, runId: place.run.id },
          "a message is not announced yet",
        );
      onFailure(error);
      untilStored(abandoned, () => writeAnnouncement(place, message), onFailure).then(done, () =>
        joined(undefined),
      );
      return false;
    }
  }

  /** The same id again: the same answer, once everything that it promises is there. */
  async #again(known: SentMessage): Promise<SendOutcome> {
    const answer = { ok: true, runId: known.runId, threadId: known.threadId, messageId: known.id } as const;
    const live = this.#host.lanes.find(known.runId);
    if (live !== undefined) return live.events.history.announced.has(known.id) ? answer : notStored();
    const row = await this.#host.options.records.getRun(known.runId);
    if (row === undefined || row.endedAt !== undefined) return answer;
    if (this.#host.draining) return goingAway();
    this.#host.adopt(row);
    return notStored();
  }
}

/** Both events in one tick, hence in one commit. What is there already is not written again. */
async function writeAnnouncement(place: Place, message: MessageDraft): Promise<void> {
  const { events, row } = place.run;
  const writes: Promise<void>[] = [];
  if ("create" in message.thread && !events.history.threadCreated) {
    writes.push(events.emit("thread_created", { title: message.thread.title }));
  }
  if (!events.history.announced.has(message.messageId)) {
    const { clientId: id, messageId, text } = message;
    const own = row.state === "queued" ? "queued" : "started";
    const disposition = place.kind === "joins" ? "steering" : own;
    writes.push(events.emit("message_accepted", { id, messageId, text, disposition }));
  }
  await Promise.all(writes);
}
