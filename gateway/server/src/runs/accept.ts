/**
 * Accepting a message (RS5, RN4): checks it, gives it a place, records it, announces it in the log; only then it is
 * acknowledged. One message of a user at a time, so that the same id twice is simply the second one finding the first.
 */
import { newId, type RunId, type ThreadId } from "@trueline/kit";
import type { Refusal, SendOutcome, SendRequest } from "../manager/manager.ts";
import type { AcceptMessage, AcceptOutcome, MessageRow, RunRow } from "../ports/records.ts";
import { Allowance } from "./allowance.ts";
import type { Lanes } from "./lanes.ts";
import { LiveRun } from "./live-run.ts";
import { untilStored } from "./retry.ts";
import type { RunsOptions } from "./runs.ts";

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

/** Where an accepted message goes: to a run of its own, or to one that it joins. */
type Place = { readonly kind: "own" | "joins"; readonly run: LiveRun };

const noUsage = { inputTokens: 0, outputTokens: 0 };
const retrySoonMs = 1_000;

const refused = (code: Refusal["code"], message: string, retryAfterMs?: number): Refusal & { ok: false } => ({
  ok: false,
  code,
  message,
  ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
});

const notStored = () =>
  refused(
    "store_unavailable",
    "The message could not be stored completely. Send it again with the same id: it is never taken twice.",
    retrySoonMs,
  );

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

  send(request: SendRequest): Promise<SendOutcome> {
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
    if (known !== undefined) return this.#again(request, known);
    const refusal = this.#formRefusal(request) ?? (await this.#stateRefusal(request));
    if (refusal !== undefined) return { ok: false, ...refusal };
    return this.#acceptIn(request, request.threadId as ThreadId | undefined);
  }

  #formRefusal(request: SendRequest): Refusal | undefined {
    const { limits, agents } = this.#host.options;
    if (this.#host.draining) return refused("going_away", "The server is restarting.", retrySoonMs);
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
      if (thread === undefined) return notFound();
    }
    return this.#allowance.refusal();
  }

  async #acceptIn(request: SendRequest, existing: ThreadId | undefined): Promise<SendOutcome> {
    const message = this.#draft(request, existing);
    const place = this.#place(request, message);
    if ("code" in place) return { ok: false, ...place };
    const settled = Promise.withResolvers<string | undefined>();
    if (place.kind === "joins") place.run.join(settled.promise);
    const runId = place.run.id;
    const outcome = await this.#record({ ...message, ...placement(place) }, place);
    if (outcome.kind !== "accepted") {
      settled.resolve(undefined);
      return this.#notAccepted(request, outcome);
    }
    this.#allowance.countMessage();
    const announced = await this.#announce(place, message, settled.resolve);
    if (place.kind === "own") this.#host.begin(place.run);
    return announced
      ? { ok: true, runId, threadId: place.run.threadId, messageId: message.messageId }
      : notStored();
  }

  #draft(request: SendRequest, existing: ThreadId | undefined): Omit<AcceptMessage, "run" | "runId"> {
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
  #place(request: SendRequest, message: Omit<AcceptMessage, "run" | "runId">): Place | Refusal {
    const { lanes, options } = this.#host;
    const threadId = "existing" in message.thread ? message.thread.existing : message.thread.create;
    if (this.#host.isClosed(threadId)) return notFound();
    const active = lanes.active(threadId);
    if (request.whileActive === "steer" && active?.steerable === true) return { kind: "joins", run: active };
    const waits = active !== undefined || lanes.waiting(threadId).length > 0;
    const refusal = waits ? this.#queueRefusal(threadId) : this.#runRefusal();
    if (refusal !== undefined) return refusal;
    const run = new LiveRun(rowOf(message, threadId, waits ? "queued" : "running"), options);
    if (waits) lanes.queue(run);
    else lanes.take(run);
    return { kind: "own", run };
  }

  #queueRefusal(threadId: ThreadId): Refusal | undefined {
    const { lanes, options } = this.#host;
    const count = lanes.waiting(threadId).length;
    const limit = options.limits.queuedPerThread;
    if (count < limit) return undefined;
    const message = `The limit queuedPerThread is ${limit}, and ${count} messages wait in this thread.`;
    return refused("run_limit", message, retrySoonMs);
  }

  #runRefusal(): Refusal | undefined {
    const { lanes, options } = this.#host;
    const limit = options.limits.runsAtOnce;
    if (limit === 0 || lanes.activeCount < limit) return undefined;
    const message = `The limit runsAtOnce is ${limit}, and ${lanes.activeCount} runs are active.`;
    return refused("run_limit", message, retrySoonMs);
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

  #notAccepted(
    request: SendRequest,
    outcome: Exclude<AcceptOutcome, { kind: "accepted" }>,
  ): SendOutcome | Promise<SendOutcome> {
    if (outcome.kind === "repeated") return this.#again(request, outcome.message);
    return outcome.kind === "id_reused" ? idReused() : notFound();
  }

  /** True when the log has it now. Otherwise it is tried on, and the run waits for it. */
  async #announce(
    place: Place,
    message: Omit<AcceptMessage, "run" | "runId">,
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
  async #again(request: SendRequest, known: MessageRow): Promise<SendOutcome> {
    if (known.text !== request.text) return idReused();
    const answer = { ok: true, runId: known.runId, threadId: known.threadId, messageId: known.id } as const;
    const live = this.#host.lanes.find(known.runId);
    if (live !== undefined) return live.events.history.announced.has(known.id) ? answer : notStored();
    const row = await this.#host.options.records.getRun(known.runId);
    if (row === undefined || row.endedAt !== undefined) return answer;
    if (this.#host.draining) return refused("going_away", "The server is restarting.", retrySoonMs);
    this.#host.adopt(row);
    return notStored();
  }
}

const idReused = () => refused("id_reused", "This id was used for another message.");
const notFound = () => refused("not_found", "There is no such thread.");

const placement = ({ kind, run }: Place): Pick<AcceptMessage, "run" | "runId"> => ({
  runId: run.id,
  run: kind === "joins" ? { joins: run.id } : { state: run.row.state === "queued" ? "queued" : "running" },
});

/** Both events in one tick, hence in one commit. What is there already is not written again. */
async function writeAnnouncement(place: Place, message: Omit<AcceptMessage, "run" | "runId">): Promise<void> {
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

function rowOf(
  message: Omit<AcceptMessage, "run" | "runId">,
  threadId: ThreadId,
  state: "queued" | "running",
): RunRow {
  const { messageId, agent, logSeq, at } = message;
  const id: RunId = newId("run");
  return { id, threadId, messageId, agent, state, logSeq, takeovers: 0, usage: noUsage, createdAt: at };
}

const longestTitle = 80;

function newThread(text: string): { create: ThreadId; title: string } {
  const line = text.trim().split("\n")[0]?.trim() ?? "";
  const cut =
    line.length <= longestTitle
      ? line
      : `${line
          .slice(0, longestTitle - 1)
          .replace(/[\uD800-\uDBFF]$/, "")
          .trimEnd()}…`;
  return { create: newId("thread"), title: cut === "" ? "New thread" : cut };
}
