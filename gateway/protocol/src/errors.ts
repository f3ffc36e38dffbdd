/** How an error looks in an HTTP body: `{error: {code, message, retryAfterMs?}}`. The codes are in error-codes.ts. */
import { z } from "zod";

export const errorBodySchema = z.object({
  error: z.object({
    code: z.string(),
    message: z.string(),
    retryAfterMs: z.number().nonnegative().optional(),
  }),
});
export type ErrorBody = z.infer<typeof errorBodySchema>;
