/** A clock that a test moves by hand. */
import type { Clock } from "@trueline/kit";

export interface HandClock extends Clock {
  advance(ms: number): void;
  /** The wall clock alone, as when somebody sets it. */
  jump(ms: number): void;
}

export function createHandClock(start = Date.UTC(2026, 0, 1)): HandClock {
  let wall = start;
  let steady = 0;
  return {
    now: () => wall,
    monotonic: () => steady,
    advance(ms) {
      wall += ms;
      steady += ms;
    },
    jump(ms) {
      wall += ms;
    },
  };
}
