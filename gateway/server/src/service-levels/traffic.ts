/** What users did, counted for the service levels: an observer beside the one that makes metrics and log lines. */
import { assertNever } from "@trueline/kit";
import type { ResetReason, RunFailure } from "@trueline/protocol";
import type { Observer } from "../ports/observer.ts";
import type { Recorder } from "./recorder.ts";

/** Tells `inner` all of it, and counts. `inner` is a plain object of functions. */
export function countTraffic(inner: Observer, recorder: Recorder): Observer {
  return {
    ...inner,
    runEnded(agent, state, durationMs, code) {
      inner.runEnded(agent, state, durationMs, code);
      if (state === "completed") recorder.measure("answer", durationMs);
      if (state === "completed" || (state === "failed" && isOurs(code))) {
        recorder.tally("golden_path", state === "completed");
      }
      if (state !== "failed" || code !== "contract_violation") recorder.tally("delivery", true);
    },
    firstEvent(durationMs) {
      inner.firstEvent(durationMs);
      recorder.measure("first_event", durationMs);
    },
    firstText(durationMs) {
      inner.firstText(durationMs);
      recorder.measure("first_text", durationMs);
    },
    sendRefused(code) {
      inner.sendRefused(code);
      if (code === "store_unavailable" || code === "internal_error") recorder.tally("golden_path", false);
    },
    committed(durationMs, events) {
      inner.committed(durationMs, events);
      recorder.tally("delivery", true);
    },
    commitFailed(error) {
      inner.commitFailed(error);
      recorder.tally("delivery", false);
    },
    contractViolated(agent, what) {
      inner.contractViolated(agent, what);
      recorder.tally("delivery", false);
    },
    replayed(events) {
      inner.replayed(events);
      recorder.tally("delivery", true);
    },
    reset(reason) {
      inner.reset(reason);
      if (wasLost(reason)) recorder.tally("delivery", false);
    },
    delivered(events, bytes) {
      inner.delivered(events, bytes);
      recorder.tally("isolation", true);
    },
    isolationViolated(where, owner, found) {
      inner.isolationViolated(where, owner, found);
      recorder.tally("isolation", false);
    },
  };
}

/** A user who used up their own tokens met a limit, not a fault. */
const isOurs = (code: RunFailure | undefined): boolean => code !== "token_limit";

/** The log lost a place that it gave out; the others are readers that came late or read too slowly. */
function wasLost(reason: ResetReason): boolean {
  switch (reason) {
    case "other_epoch":
    case "unknown_position":
      return true;
    case "too_old":
    case "fell_behind":
      return false;
    default:
      return assertNever(reason);
  }
}
