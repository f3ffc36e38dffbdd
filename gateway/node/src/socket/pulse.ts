/**
 * The open sockets of this node, and the one timer that finds the half-open among them. They sit in slots that are pinged
 * one after the other, so that ten thousand pings are not one pause for everybody. Knows no user.
 */
import type { ClientSocket } from "./client-socket.ts";

const slots = 16;

export interface Pulse {
  readonly size: number;
  add(socket: ClientSocket): void;
  delete(socket: ClientSocket): void;
  [Symbol.iterator](): Iterator<ClientSocket>;
  /** Resolves when there is none any more. */
  emptied(): Promise<void>;
  stop(): void;
}

/** Each socket gets one beat every `intervalMs`; 0: none ever. */
export function startPulse(intervalMs: number): Pulse {
  const members = Array.from({ length: slots }, () => new Set<ClientSocket>());
  const waiting: (() => void)[] = [];
  let size = 0;
  let nextToJoin = 0;
  let nextToBeat = 0;

  function beat(): void {
    for (const socket of members[nextToBeat] ?? []) socket.beat();
    nextToBeat = (nextToBeat + 1) % slots;
  }
  const timer = intervalMs > 0 ? setInterval(beat, intervalMs / slots).unref() : undefined;

  return {
    get size() {
      return size;
    },
    add(socket) {
      members[nextToJoin]?.add(socket);
      nextToJoin = (nextToJoin + 1) % slots;
      size++;
    },
    delete(socket) {
      if (members.some((slot) => slot.delete(socket))) size--;
      if (size === 0) for (const tell of waiting.splice(0)) tell();
    },
    *[Symbol.iterator]() {
      for (const slot of members) yield* slot;
    },
    emptied: () => (size === 0 ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))),
    stop: () => clearInterval(timer),
  };
}
