/**
 * The socket of one client: ws does the handshake, what comes in and the close; what goes out is written by our own frame
 * writer. Tells its connection what came, and nothing else: it knows no user and no log.
 *
 * Listeners are functions of this module and find their socket in `this`, so that an idle connection carries no closures.
 */
import type { Socket } from "node:net";
import type { closeCodes, ErrorCode, ServerControlFrame } from "@trueline/protocol";
import type { Batch, Connection, Transport } from "@trueline/server";
import { WebSocket } from "ws";
import { inFrameSpan } from "../observe/spans.ts";
import { textFrame, textFrames, writeFrames } from "./frame-writer.ts";

/** What a socket carries. Set once, right after the upgrade. */
export interface Carried {
  /** The one that the upgrade gave. */
  readonly socket: Socket;
  readonly connection: Connection;
  readonly address: string;
  /** Called once the socket is gone, with the close code. One function for all sockets. */
  readonly onClosed: (socket: ClientSocket, code: number) => void;
}

export class ClientSocket extends WebSocket implements Transport {
  #carried: Carried | undefined;
  /** Frames that wait for the end of `together`. */
  #gathered: Uint8Array[] | undefined;
  #waitsForRoom = false;
  /** Beats of the pulse since anything was heard: a frame, a pong, bytes that the peer took. */
  #silentBeats = 0;

  /** From here on frames reach the connection. */
  carry(carried: Carried): void {
    this.#carried = carried;
    this.on("error", socketOnError);
    this.on("message", socketOnMessage);
    this.on("ping", socketOnSign);
    this.on("pong", socketOnSign);
    this.on("close", socketOnClose);
  }

  get carried(): Carried | undefined {
    return this.#carried;
  }

  get writable(): boolean {
    const socket = this.#carried?.socket;
    if (!socket || this.readyState !== WebSocket.OPEN) return false;
    if (!socket.writableNeedDrain) return true;
    this.#waitForRoom(socket);
    return false;
  }

  deliver(batch: Batch): void {
    batch.encoded ??= textFrames(batch.frames());
    this.#write(batch.encoded);
  }

  control(frame: ServerControlFrame): void {
    this.#write(textFrame(JSON.stringify(frame)));
    // Answers must not pile up for a client that sends and does not read (BP1).
    if (!this.writable && this.readyState === WebSocket.OPEN) this.pause();
  }

  together(write: () => void): void {
    if (this.#gathered) {
      write();
      return;
    }
    this.#gathered = [];
    try {
      write();
    } finally {
      this.#flush();
    }
  }

  /**
   * ws closes through here too, without a reason, when a frame breaks the WebSocket protocol; that is told in our own
   * codes. A close that the client began is answered with the client's code and (maybe empty) reason.
   */
  override close(code?: number, reason?: string | Buffer): void {
    const connection = this.#carried?.connection;
    if (code !== undefined && reason === undefined && connection && this.readyState === WebSocket.OPEN) {
      const { close, error, message } = frameErrors[code] ?? badFrame;
      connection.fail(close, error, message);
      return;
    }
    this.#flush();
    super.close(code, reason);
  }

  received(data: Buffer, isBinary: boolean): void {
    this.#silentBeats = 0;
    const connection = this.#carried?.connection;
    if (isBinary)
      connection?.fail("bad_frame", "invalid_request", "Frames are text, and this one was binary.");
    else inFrameSpan(() => connection?.receive(data.toString("utf8")));
  }

  /** Called at even intervals: pings, and closes when the pings of two intervals were answered by nothing. */
  beat(): void {
    if (this.readyState !== WebSocket.OPEN) return;
    if (this.#silentBeats++ >= 2) this.#carried?.connection.close("half_open");
    else this.ping();
  }

  noteSign(): void {
    this.#silentBeats = 0;
  }

  ended(code: number): void {
    this.#carried?.connection.closed();
    this.#carried?.onClosed(this, code);
  }

  #write(frame: Uint8Array): void {
    if (this.readyState !== WebSocket.OPEN) return;
    if (this.#gathered) this.#gathered.push(frame);
    else this.#carried?.socket.write(frame);
  }

  #flush(): void {
    const frames = this.#gathered;
    this.#gathered = undefined;
    if (frames && this.#carried && this.readyState === WebSocket.OPEN)
      writeFrames(this.#carried.socket, frames);
  }

  #waitForRoom(socket: Socket): void {
    if (this.#waitsForRoom) return;
    this.#waitsForRoom = true;
    socket.once("drain", () => {
      this.#waitsForRoom = false;
      this.#silentBeats = 0;
      if (this.isPaused) this.resume();
      this.#carried?.connection.drained();
    });
  }
}

interface FrameError {
  readonly close: keyof typeof closeCodes;
  readonly error: ErrorCode;
  readonly message: string;
}

const badFrame: FrameError = {
  close: "bad_frame",
  error: "invalid_request",
  message: "The frame breaks the WebSocket protocol.",
};
/** What ws found wrong with a frame, by the code it closes with. */
const frameErrors: Readonly<Record<number, FrameError>> = {
  1007: { close: "bad_frame", error: "invalid_request", message: "The frame is not valid UTF-8." },
  1009: {
    close: "frame_too_large",
    error: "payload_too_large",
    message: "The frame is larger than maxFrameBytes.",
  },
};

function socketOnMessage(this: WebSocket, data: unknown, isBinary: boolean): void {
  (this as ClientSocket).received(data as Buffer, isBinary);
}

function socketOnSign(this: WebSocket): void {
  (this as ClientSocket).noteSign();
}

function socketOnClose(this: WebSocket, code: number): void {
  (this as ClientSocket).ended(code);
}

function socketOnError(): void {
  // A broken frame was answered in `close`, and a broken socket is followed by its close: nothing is left to do. Without
  // a listener the process would end.
}
