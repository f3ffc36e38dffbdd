/**
 * Reads sources one after another into one buffer: no allocation per file, and no promise, which would take three times as
 * long. What it gives is overwritten by the next read. Called by whoever scans a tree.
 */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";

export type ReadOutcome =
  | { readonly ok: true; readonly bytes: Buffer }
  | { readonly ok: false; readonly reason: string };

export interface SourceReader {
  /** Valid until the next call. */
  read(path: string): ReadOutcome;
}

/** Bytes at first; it grows to the largest file read, and keeps that size. */
const firstSize = 1 << 20;

export function createReader(): SourceReader {
  let buffer: Buffer = Buffer.allocUnsafeSlow(firstSize);
  return {
    read(path) {
      try {
        const file = openSync(path, "r");
        try {
          buffer = withRoomFor(buffer, fstatSync(file).size);
          const filled = fill(file, buffer);
          buffer = filled.buffer;
          return { ok: true, bytes: buffer.subarray(0, filled.length) };
        } finally {
          closeSync(file);
        }
      } catch (error) {
        if (error instanceof Error && "code" in error) return { ok: false, reason: error.message };
        throw error;
      }
    },
  };
}

/** To the end of the file, wherever that is by now: it may grow while it is read. */
function fill(file: number, into: Buffer): { buffer: Buffer; length: number } {
  let buffer = into;
  let length = 0;
  for (;;) {
    const read = readSync(file, buffer, length, buffer.length - length, null);
    if (read === 0) return { buffer, length };
    length += read;
    if (length === buffer.length) buffer = withRoomFor(buffer, length + 1, length);
  }
}

function withRoomFor(buffer: Buffer, size: number, used = 0): Buffer {
  if (size < buffer.length) return buffer;
  const larger = Buffer.allocUnsafeSlow(Math.max(size + 1, buffer.length * 2));
  buffer.copy(larger, 0, 0, used);
  return larger;
}
