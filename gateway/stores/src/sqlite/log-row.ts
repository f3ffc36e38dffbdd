/**
 * How the records of one append stand in one row. The header says in JSON who has how much of the body, so that the
 * index can be rebuilt without reading bodies: `[owner, first seq, records, bytes, owner, …]`. The body is a slice per
 * owner, and a slice begins with its owner, so that a slice says itself whose it is (IS3):
 *
 *     owner length (2) · owner · for each record: type (1) · body length (4) · body
 *
 * Numbers are little-endian, text is UTF-8. Pure; called by event-log-store.ts.
 */
import type { UserId } from "@trueline/kit";
import type { EventType } from "@trueline/protocol";
import type { LogAppend, StoredRecord } from "@trueline/server";

/** A number once given keeps its meaning: it stands in databases. */
const codeOfType: Record<EventType, number> = {
  message_accepted: 1,
  agent_started: 2,
  agent_thinking: 3,
  text_delta: 4,
  tool_executing: 5,
  tool_completed: 6,
  agent_completed: 7,
  agent_failed: 8,
  agent_cancelled: 9,
  thread_created: 10,
  thread_renamed: 11,
  thread_deleted: 12,
};
const typeOfCode = new Map(Object.entries(codeOfType).map(([type, code]) => [code, type as EventType]));

/** Where an owner's records of one row are. */
export interface Slice {
  readonly firstSeq: number;
  readonly records: number;
  /** Bytes, in the row's body. */
  readonly offset: number;
  readonly bytes: number;
}
export interface OwnedSlice extends Slice {
  readonly owner: UserId;
}

export interface EncodedRow {
  readonly slices: readonly OwnedSlice[];
  readonly header: string;
  /** Valid until the next call. */
  readonly body: Buffer;
}

const recordPrefix = 5;
const longestOwner = 0xffff;
/** Bytes that the buffer keeps between calls; one huge append does not hold its memory for ever. */
const keptBuffer = 1024 * 1024;

/** Gives an encoder with a buffer of its own, which every call uses again. */
export function createRowEncoder(): (
  batch: readonly LogAppend[],
  headOf: (owner: UserId) => number,
) => EncodedRow {
  let buffer = Buffer.allocUnsafe(keptBuffer);
  return (batch, headOf) => {
    const needed = mostBytes(batch);
    if (needed > buffer.length) buffer = Buffer.allocUnsafe(needed);
    else if (buffer.length > keptBuffer && needed <= keptBuffer) buffer = Buffer.allocUnsafe(keptBuffer);
    const slices: OwnedSlice[] = [];
    let header = "";
    let offset = 0;
    for (const entry of batch) {
      const slice = writeSlice(buffer, offset, entry, headOf(entry.owner) + 1);
      slices.push(slice);
      header += `,${JSON.stringify(slice.owner)},${slice.firstSeq},${slice.records},${slice.bytes}`;
      offset += slice.bytes;
    }
    return { slices, header: `[${header.slice(1)}]`, body: buffer.subarray(0, offset) };
  };
}

/** The slices of a row, from its header. */
export function decodeHeader(header: string): readonly OwnedSlice[] {
  const fields = JSON.parse(header) as unknown[];
  const slices: OwnedSlice[] = [];
  let offset = 0;
  for (let at = 0; at < fields.length; at += 4) {
    const [owner, firstSeq, records, bytes] = fields.slice(at, at + 4) as [UserId, number, number, number];
    slices.push({ owner, firstSeq, records, offset, bytes });
    offset += bytes;
  }
  return slices;
}

/** Throws `RangeError` when the bytes are not a slice that `writeSlice` wrote. */
export function decodeSlice(bytes: Buffer, firstSeq: number): readonly StoredRecord[] {
  const ownerEnd = 2 + bytes.readUInt16LE(0);
  const owner = bytes.toString("utf8", 2, ownerEnd) as UserId;
  const records: StoredRecord[] = [];
  for (let at = ownerEnd; at < bytes.length; ) {
    const type = typeOfCode.get(bytes.readUInt8(at));
    const end = at + recordPrefix + bytes.readUInt32LE(at + 1);
    if (type === undefined || end > bytes.length) throw new RangeError("not a slice of the event log");
    records.push({
      owner,
      seq: firstSeq + records.length,
      type,
      body: bytes.toString("utf8", at + recordPrefix, end),
    });
    at = end;
  }
  return records;
}

/** UTF-8 takes at most three bytes for a UTF-16 unit. */
function mostBytes(batch: readonly LogAppend[]): number {
  let bytes = 0;
  for (const { owner, records } of batch) {
    bytes += 2 + owner.length * 3;
    for (const { body } of records) bytes += recordPrefix + body.length * 3;
  }
  return bytes;
}

function writeSlice(
  buffer: Buffer,
  offset: number,
  { owner, records }: LogAppend,
  firstSeq: number,
): OwnedSlice {
  const ownerBytes = buffer.write(owner, offset + 2);
  if (ownerBytes > longestOwner) throw new RangeError(`a user id longer than ${longestOwner} bytes`);
  buffer.writeUInt16LE(ownerBytes, offset);
  let end = offset + 2 + ownerBytes;
  for (const { type, body } of records) {
    const bodyBytes = buffer.write(body, end + recordPrefix);
    buffer[end] = codeOfType[type];
    buffer.writeUInt32LE(bodyBytes, end + 1);
    end += recordPrefix + bodyBytes;
  }
  return { owner, firstSeq, records: records.length, offset, bytes: end - offset };
}
