/**
 * The way of one run's events into its user's log, through the contract (EV4). Owns what is known to be in the log of
 * the run; decides nothing about the run. Called by everything in this folder that makes an event.
 */
import type { EventData, EventType } from "@trueline/protocol";
import type { AppendOutcome, EventDraft, EventLog } from "../log/event-log.ts";
import { breach, emptyHistory, type RunHistory, remember } from "./contract.ts";
import { ContractBroken, handedOver, storeUnavailable } from "./stop.ts";

/** Deltas on their way to the log before a model is made to wait for it. */
const maxInFlight = 512;

export class RunEvents {
  history: RunHistory = emptyHistory();
  readonly #log: EventLog;
  readonly #ids: { readonly threadId: string; readonly runId: string };
  readonly #onFailure: (error: unknown) => void;
  #closed = false;
  #inFlight = 0;
  #failure: unknown;
  /** There while somebody waits for a post to land. */
  #landed: PromiseWithResolvers<void> | undefined;
  readonly #onOutcome = (outcome: AppendOutcome): void => this.#postOnOutcome(outcome);

  /** `onFailure`: an event that nobody waited for did not get into the log. */
  constructor(log: EventLog, ids: { threadId: string; runId: string }, onFailure: (error: unknown) => void) {
    this.#log = log;
    this.#ids = ids;
    this.#onFailure = onFailure;
  }

  /** Resolves when the log has it; throws when the contract forbids it or the store did not take it. */
  async emit<Type extends EventType>(type: Type, data: EventData<Type>): Promise<void> {
    const draft = this.#draft(type, data);
    await this.#append(draft);
    remember(this.history, draft);
  }

  /**
   * Hands it to the log and goes on. `onLogged` is called when the log has it.
   * The text counts from here on: its order is that of the calls, not of the answers.
   */
  post<Type extends "text_delta" | "agent_thinking">(
    type: Type,
    data: EventData<Type>,
    onLogged?: () => void,
  ): void {
    const draft = this.#draft(type, data);
    remember(this.history, draft);
    if (this.#closed) {
      this.#fail(handedOver());
      return;
    }
    this.#inFlight += 1;
    this.#log.post(draft, onLogged ? (outcome) => this.#postOnOutcome(outcome, onLogged) : this.#onOutcome);
  }

  /** Whether posts wait for the log in such a number that whoever makes more waits for `room`. */
  get crowded(): boolean {
    return this.#inFlight >= maxInFlight;
  }

  /** Resolves when there is room for more posts. */
  async room(): Promise<void> {
    while (this.crowded) await this.#landing();
  }

  /** Resolves when nothing posted is on its way any more, whatever became of it. */
  async quiet(): Promise<void> {
    while (this.#inFlight > 0) await this.#landing();
  }

  /** Resolves when the log has everything posted; throws when it refused something. */
  async flush(): Promise<void> {
    await this.quiet();
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Whether something posted was refused: then `history` holds text that the log does not have. */
  get isAheadOfLog(): boolean {
    return this.#failure !== undefined;
  }

  /** From now on nothing of the run gets into the log from here: somebody else goes on with it. */
  close(): void {
    this.#closed = true;
  }

  #draft<Type extends EventType>(type: Type, data: EventData<Type>): EventDraft {
    const runId = type === "thread_created" ? null : this.#ids.runId;
    // The compiler cannot see that `type` and `data` stem from the same member of the union.
    const draft = { type, threadId: this.#ids.threadId, runId, data } as unknown as EventDraft;
    const wrong = breach(this.history, draft);
    if (wrong !== undefined) throw new ContractBroken(wrong);
    return draft;
  }

  async #append(draft: EventDraft): Promise<void> {
    if (this.#closed) throw handedOver();
    const outcome = await this.#log.append(draft);
    if (!outcome.ok) throw storeUnavailable(new Error(outcome.message));
  }

  #postOnOutcome(outcome: AppendOutcome, onLogged?: () => void): void {
    if (outcome.ok) onLogged?.();
    else this.#fail(storeUnavailable(new Error(outcome.message)));
    this.#inFlight -= 1;
    this.#landed?.resolve();
    this.#landed = undefined;
  }

  #fail(error: unknown): void {
    this.#failure ??= error;
    this.#onFailure(error);
  }

  #landing(): Promise<void> {
    this.#landed ??= Promise.withResolvers<void>();
    return this.#landed.promise;
  }
}
