/** Text of a WebSocket frame to a client frame, and back. The only place that parses what a client sent. */
import { failure, type Result, success } from "@trueline/kit";
import type { z } from "zod";
import { type ClientFrame, clientFrameSchema } from "./frames.ts";

/** JSON nested deeper than this is refused. No frame of ours needs more than five levels. */
export const maxJsonDepth = 32;

export type DecodedFrame =
  | { readonly ok: true; readonly frame: ClientFrame }
  /** `id` is there when the frame was a `send` or `cancel` that can be refused by its id instead of closing. */
  | { readonly ok: false; readonly message: string; readonly id?: string };

export function decodeClientFrame(text: string): DecodedFrame {
  const json = parseJson(text);
  if (!json.ok) return { ok: false, message: json.error };
  const parsed = clientFrameSchema.safeParse(json.value);
  if (parsed.success) return { ok: true, frame: parsed.data };
  const id = answerableId(json.value);
  return { ok: false, message: describeIssues(parsed.error), ...(id === undefined ? {} : { id }) };
}

/** What a client sent, in a frame or in a body, as JSON that is not too deep to be walked. The error is a sentence. */
export function parseJson(text: string): Result<unknown, string> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return failure(`not JSON: ${(error as Error).message}`);
  }
  if (depthExceeds(value, maxJsonDepth)) return failure(`nested deeper than ${maxJsonDepth} levels`);
  return success(value);
}

/** Every issue with the path of its field: `position.seq: expected number`. */
export function describeIssues(error: z.ZodError): string {
  return error.issues
    .map((issue) => (issue.path.length > 0 ? `${issue.path.join(".")}: ${issue.message}` : issue.message))
    .join("; ");
}

function answerableId(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { type, id } = value as { type?: unknown; id?: unknown };
  const answerable = (type === "send" || type === "cancel") && typeof id === "string";
  return answerable && id.length > 0 && id.length <= 128 ? id : undefined;
}

function depthExceeds(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (levels === 0) return true;
  return Object.values(value).some((child) => depthExceeds(child, levels - 1));
}
