/** The thread of checkpointer.ts: checkpoints the file it was given when it is asked to, until it is told to close. */
import { parentPort, workerData } from "node:worker_threads";
import Database from "better-sqlite3";
import type { CheckpointReply, CheckpointRequest } from "./checkpointer.ts";

/** Pages of the log up to which it is left to chance when it begins anew: 16 MiB. */
const patience = 4_096;

const handle = new Database(workerData as string);

parentPort?.on("message", (request: CheckpointRequest) => {
  if (request === "checkpoint") reply(checkpoint() > patience ? "hold" : "done");
  if (request === "finish") {
    checkpoint();
    reply("done");
  }
  if (request === "close") {
    handle.close();
    parentPort?.close();
  }
});

/** Moves what is in the log now, and gives how many pages the log has. */
function checkpoint(): number {
  const [progress] = handle.pragma("wal_checkpoint(PASSIVE)") as { readonly log: number }[];
  return progress?.log ?? 0;
}

function reply(message: CheckpointReply): void {
  parentPort?.postMessage(message);
}
