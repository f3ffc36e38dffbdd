/**
 * Moves what the write-ahead log holds into the database file, in a thread of its own: it takes an fsync, and with the
 * event loop waiting for that every client would. The log begins anew when all of it was moved and nobody wrote
 * meanwhile. Where that does not happen by itself, since somebody always writes, the lane is held for the small rest.
 *
 * The thread is started when there is first enough to move, so that a small database never has one. A checkpoint that
 * fails loses nothing, is told, and is tried again with the next; meanwhile the writing connection does it itself
 * (`fallbackCheckpointPages`). Made by database.ts.
 */
import { once } from "node:events";
import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import type { Lane } from "./lane.ts";

/** `checkpoint` is answered with `done`, or with `hold`: then `finish` comes once nobody writes, and `done` is the answer. */
export type CheckpointRequest = "checkpoint" | "finish" | "close";
export type CheckpointReply = "done" | "hold";

/** Pages at which the writing connection does it itself after all: 64 MiB. */
export const autoCheckpointPages = 16_384;
/** The same while the thread fails: SQLite's own default, 4 MiB. */
export const fallbackCheckpointPages = 1_000;
/** Written bytes after which the thread is asked. */
const checkpointBytes = 4 * 1024 * 1024;

/** `asked`: the thread works, or waits for the lane. `held`: it works, and the lane is held for it. */
type State = "idle" | "asked" | "held" | "closed";

export interface CheckpointListener {
  /** The thread has ended by an error; the next checkpoint starts another. */
  threadOnFailure(error: unknown): void;
  /** The first checkpoint that succeeds after that. */
  threadOnRecovery(): void;
}

export class Checkpointer {
  readonly #file: string;
  readonly #lane: Lane;
  #worker: Worker | undefined;
  #state: State = "idle";
  /** Settled when the state is `idle` again. */
  #working: PromiseWithResolvers<void> | undefined;
  #written = 0;
  readonly #listener: CheckpointListener;
  #failing = false;

  constructor(file: string, lane: Lane, listener: CheckpointListener) {
    this.#file = file;
    this.#lane = lane;
    this.#listener = listener;
  }

  /** About so many bytes were written to the database. */
  wrote(bytes: number): void {
    this.#written += bytes;
    if (this.#written < checkpointBytes || this.#state !== "idle") return;
    this.#written = 0;
    this.#working = Promise.withResolvers();
    this.#worker ??= this.#start();
    this.#ask(this.#worker, "asked", "checkpoint");
  }

  /** Lets a checkpoint end. Resolves when the thread is gone, and with it its connection to the file. */
  async close(): Promise<void> {
    while (this.#working) await this.#working.promise;
    this.#state = "closed";
    const worker = this.#worker;
    if (!worker) return;
    const gone = once(worker, "exit");
    worker.ref();
    worker.postMessage("close" satisfies CheckpointRequest);
    await gone;
  }

  #start(): Worker {
    const program = new URL(`./checkpoint-thread${extname(import.meta.url)}`, import.meta.url);
    const worker = new Worker(program, { workerData: this.#file });
    worker.on("message", (reply: CheckpointReply) => this.#onReply(worker, reply));
    // A thread that failed (the file cannot be read, say) ends; a new one is started with the next checkpoint.
    worker.on("error", (error) => this.#onError(worker, error));
    worker.on("exit", () => this.#onEnd(worker));
    return worker;
  }

  #ask(worker: Worker, state: State, request: CheckpointRequest): void {
    this.#state = state;
    // Appends may wait for it, so the process does too; while it has nothing to do it keeps nobody.
    worker.ref();
    worker.postMessage(request);
  }

  async #onReply(worker: Worker, reply: CheckpointReply): Promise<void> {
    if (reply === "done") {
      if (this.#failing) this.#listener.threadOnRecovery();
      this.#failing = false;
      return this.#rest();
    }
    await this.#lane.acquire();
    // The thread may have ended while the lane was taken by others.
    if (this.#worker === worker) this.#ask(worker, "held", "finish");
    else this.#lane.release();
  }

  #onError(worker: Worker, error: unknown): void {
    this.#failing = true;
    this.#listener.threadOnFailure(error);
    this.#onEnd(worker);
  }

  #onEnd(worker: Worker): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    this.#rest();
  }

  #rest(): void {
    const wasHeld = this.#state === "held";
    if (this.#state !== "closed") this.#state = "idle";
    if (wasHeld) this.#lane.release();
    this.#worker?.unref();
    this.#working?.resolve();
    this.#working = undefined;
  }
}
