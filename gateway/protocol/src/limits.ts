/** What the server tells a client about its limits in `welcome`. The whole table with its defaults is the server's. */
import { z } from "zod";

export const wireLimitsSchema = z.object({
  /** Largest frame a client may send, bytes. */
  maxFrameBytes: z.int().positive(),
  /** Longest message text, characters (UTF-16 units). */
  maxTextLength: z.int().positive(),
  /** Messages a minute; 0 means no limit. */
  messagesPerMinute: z.int().nonnegative(),
  /** Runs at once; 0 means no limit. */
  runsAtOnce: z.int().nonnegative(),
  /** Connections at once; 0 means no limit. */
  connections: z.int().nonnegative(),
});
export type WireLimits = z.infer<typeof wireLimitsSchema>;
