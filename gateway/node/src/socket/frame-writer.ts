/**
 * Outgoing WebSocket frames, written by ourselves on the socket that the upgrade gave us: the hot path of the gateway.
 * Only whole, unmasked text frames leave here, so that ws can put its control frames between any two of them.
 * Called by the carrier of a connection.
 */
import type { Socket } from "node:net";

const finalText = 0x81;
const length16 = 126;
const length64 = 127;

/** Frames up to this many bytes together are copied into one buffer: cheaper than a vectored write of small pieces. */
const copiedBytes = 16 * 1024;

/** `text` as one unmasked text frame: header and payload in one buffer, ready to be written to any number of sockets. */
export function textFrame(text: string): Buffer {
  const length = Buffer.byteLength(text);
  if (length < length16) {
    const frame = Buffer.allocUnsafe(2 + length);
    frame[0] = finalText;
    frame[1] = length;
    frame.write(text, 2);
    return frame;
  }
  if (length < 65536) {
    const frame = Buffer.allocUnsafe(4 + length);
    frame[0] = finalText;
    frame[1] = length16;
    frame.writeUInt16BE(length, 2);
    frame.write(text, 4);
    return frame;
  }
  const frame = Buffer.allocUnsafe(10 + length);
  frame[0] = finalText;
  frame[1] = length64;
  frame.writeUInt32BE(Math.floor(length / 2 ** 32), 2);
  frame.writeUInt32BE(length % 2 ** 32, 6);
  frame.write(text, 10);
  return frame;
}

/** A frame for each text, one after the other in one buffer. */
export function textFrames(texts: readonly string[]): Buffer {
  return texts.length === 1 ? textFrame(texts[0] as string) : Buffer.concat(texts.map(textFrame));
}

/** One write on the socket, whatever the number of frames. */
export function writeFrames(socket: Socket, frames: readonly Uint8Array[]): void {
  const [only] = frames;
  if (!only) return;
  if (frames.length === 1) {
    socket.write(only);
    return;
  }
  const bytes = frames.reduce((sum, frame) => sum + frame.length, 0);
  if (bytes <= copiedBytes) {
    socket.write(Buffer.concat(frames, bytes));
    return;
  }
  socket.cork();
  for (const frame of frames) socket.write(frame);
  socket.uncork();
}
