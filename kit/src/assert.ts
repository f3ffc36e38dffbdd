/** States what must hold by construction. A failure is a defect of Trueline, never of its input. */
export function invariant(condition: unknown, what: string): asserts condition {
  if (!condition) throw new Error(`invariant broken: ${what}`);
}

/** Ends an exhaustive switch: the compiler rejects a case that was left out. */
export function assertNever(value: never): never {
  throw new Error(`unexpected value: ${JSON.stringify(value)}`);
}
