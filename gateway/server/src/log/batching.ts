/** Neighbouring records to a batch: merges deltas of one run where the reader gathers, and bounds one write. */
import type { UserId } from "@trueline/kit";
import { Batch, type BatchItem } from "./batch.ts";
import { type Delta, mergedDelta, toWire } from "./encoding.ts";
import type { TailRecord } from "./tail.ts";

/** Characters of one batch, roughly: it is one write, a chunk of a replay, and should not hold a slow link for long. */
const batchCharacters = 64 * 1024;

/** `records` are neighbours of one log and not empty. Without `gather` nothing is merged. */
export function makeBatch(
  owner: UserId,
  epoch: string,
  records: readonly TailRecord[],
  gather: boolean,
): Batch {
  const items: BatchItem[] = [];
  let next = 0;
  let characters = 0;
  do {
    const end = gather ? endOfDeltas(records, next) : next + 1;
    const item = toItem(records, next, end);
    items.push(item);
    characters += item.json.length;
    next = end;
  } while (next < records.length && characters < batchCharacters);
  return new Batch(owner, epoch, items, gather);
}

/** The index after the deltas of one run that begin at `start`; `start + 1` for anything else. */
function endOfDeltas(records: readonly TailRecord[], start: number): number {
  const run = records[start]?.delta?.runId;
  let end = start + 1;
  if (run !== undefined) while (records[end]?.delta?.runId === run) end++;
  return end;
}

function toItem(records: readonly TailRecord[], start: number, end: number): BatchItem {
  const first = records[start] as TailRecord;
  const last = records[end - 1] as TailRecord;
  if (end - start === 1) {
    return { seq: first.seq, firstSeq: first.seq, type: first.type, json: toWire(first) };
  }
  const delta = last.delta as Delta;
  let text = "";
  for (let index = start; index < end; index++) text += records[index]?.delta?.text;
  return {
    seq: last.seq,
    firstSeq: first.seq,
    type: "text_delta",
    json: mergedDelta(delta, first.seq, last.seq, text),
  };
}
