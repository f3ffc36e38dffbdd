/**
 * The pieces of text that a stream is made of. Each carries its number, so that whoever reads a stream can tell what is
 * lost, doubled or out of order, however the pieces were gathered on the way. The first carries the time of its making.
 */
export const pieceLength = 40;

/** With the number before it: `pieceLength` characters. */
const filler = " so the answer goes on and on ..";

export function makePiece(index: number): string {
  return String(index).padStart(8, "0") + (index === 0 ? madeNow() : filler);
}

/** Nanoseconds of the machine's monotonic clock: the load process reads the same one. */
const madeNow = (): string => ` ${process.hrtime.bigint()}`.padEnd(pieceLength - 8);

export const numberOf = (text: string, offset: number): number => Number(text.slice(offset, offset + 8));

/** Milliseconds since the first piece, which `text` begins with, was made. */
export const ageOfFirst = (text: string): number =>
  Number(process.hrtime.bigint() - BigInt(text.slice(9, pieceLength).trim())) / 1e6;
