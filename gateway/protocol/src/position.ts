/** A place in a user's event log: everything up to and including `seq` of this `epoch` has been seen. */
import { z } from "zod";

export const positionSchema = z.strictObject({
  /** Changes when the log was lost or reset; seqs of two epochs cannot be compared. */
  epoch: z.string().min(1).max(64),
  seq: z.int().nonnegative(),
});
export type Position = z.infer<typeof positionSchema>;

/** `<epoch>:<seq>`, the form that SSE carries as its event id. */
export const formatPosition = (position: Position): string => `${position.epoch}:${position.seq}`;

export function parsePosition(text: string): Position | undefined {
  const match = /^([\w-]{1,64}):(\d{1,15})$/.exec(text);
  return match ? { epoch: match[1] as string, seq: Number(match[2]) } : undefined;
}
