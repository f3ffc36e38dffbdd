/** Trying again until the store does it. For what must happen before anything else may: an announcement, an end. */
import { handedOver } from "./stop.ts";

const firstWaitMs = 50;
const longestWaitMs = 5_000;

/** Throws only when `signal` aborts: then somebody else will do it. `onFailure` hears of each attempt that failed. */
export async function untilStored<T>(
  signal: AbortSignal,
  action: () => Promise<T>,
  onFailure: (error: unknown) => void,
): Promise<T> {
  for (let waitMs = firstWaitMs; ; waitMs = Math.min(waitMs * 2, longestWaitMs)) {
    if (signal.aborted) throw handedOver();
    try {
      return await action();
    } catch (error) {
      if (signal.aborted) throw handedOver();
      onFailure(error);
    }
    await wait(waitMs, signal);
  }
}

function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener("abort", end);
  });
}
