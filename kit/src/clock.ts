/** Where the time comes from. Tests pass one that they move by hand. */
export interface Clock {
  /** Wall-clock time, milliseconds since 1970. May jump back; only for what a person or another machine reads. */
  now(): number;
  /** Milliseconds from an arbitrary origin; never goes back. For durations, timeouts and limits. */
  monotonic(): number;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
};
