/** The refusals of messages and cancels, in words for whoever gets them (MG4). */
import type { Refusal } from "../manager/manager.ts";

export type Refused = Refusal & { readonly ok: false };

/** Milliseconds after which it is worth another try, where nothing better is known. */
const soonMs = 1_000;

export const refused = (code: Refusal["code"], message: string): Refused => ({ ok: false, code, message });

const refusedForNow = (code: Refusal["code"], message: string): Refused => ({
  ok: false,
  code,
  message,
  retryAfterMs: soonMs,
});

export const notFound = (what: "thread" | "run"): Refused =>
  refused("not_found", `There is no such ${what}.`);
export const idReused = (): Refused => refused("id_reused", "This id was used for another message.");
export const runEnded = (): Refused => refused("run_ended", "The run has ended.");
export const goingAway = (): Refused => refusedForNow("going_away", "The server is restarting.");
export const runLimit = (message: string): Refused => refusedForNow("run_limit", message);

const incomplete =
  "The message could not be stored completely. Send it again with the same id: it is never taken twice.";
export const notStored = (): Refused => refusedForNow("store_unavailable", incomplete);
export const cancelNotStored = (): Refused =>
  refusedForNow("store_unavailable", "The cancel could not be stored yet.");
