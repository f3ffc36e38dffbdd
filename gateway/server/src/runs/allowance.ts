/** What a user may still do: messages a minute, tokens a day (RN4). A refusal names the limit, its number and when to retry. */
import type { Refusal } from "../manager/manager.ts";
import type { RunsOptions } from "./runs.ts";
import { stored } from "./stop.ts";

const minuteMs = 60_000;
const dayMs = 86_400_000;

export class Allowance {
  readonly #options: RunsOptions;
  /** Monotonic times of the messages accepted within the last minute. */
  #accepted: number[] = [];

  constructor(options: RunsOptions) {
    this.#options = options;
  }

  /** Undefined when one more message may come. */
  async refusal(): Promise<Refusal | undefined> {
    return this.#messageRefusal() ?? (await this.#tokenRefusal());
  }

  countMessage(): void {
    this.#accepted.push(this.#options.clock.monotonic());
  }

  #messageRefusal(): Refusal | undefined {
    const { limits, clock } = this.#options;
    const now = clock.monotonic();
    this.#accepted = this.#accepted.filter((at) => now - at < minuteMs);
    const count = this.#accepted.length;
    if (limits.messagesPerMinute === 0 || count < limits.messagesPerMinute) return undefined;
    const message = `The limit messagesPerMinute is ${limits.messagesPerMinute}, and ${count} were sent within the last minute.`;
    const oldest = this.#accepted[count - limits.messagesPerMinute] ?? now;
    return { code: "rate_limited", message, retryAfterMs: Math.ceil(oldest + minuteMs - now) };
  }

  async #tokenRefusal(): Promise<Refusal | undefined> {
    const { limits, clock } = this.#options;
    if ((await tokensLeft(this.#options)) > 0) return undefined;
    const message = `The limit tokensPerDay is ${limits.tokensPerDay}, and they are used up. The day ends at 00:00 UTC.`;
    return { code: "token_limit", message, retryAfterMs: dayMs - (clock.now() % dayMs) };
  }
}

/** Of the user's UTC day; infinite without a limit. */
export async function tokensLeft({ limits, clock, records }: RunsOptions): Promise<number> {
  if (limits.tokensPerDay === 0) return Number.POSITIVE_INFINITY;
  const now = clock.now();
  const used = await stored(() => records.tokensSince(now - (now % dayMs)));
  return limits.tokensPerDay - used;
}
