/**
 * What a socket received, item by item, as it came. Read loosely: the probe judges order, completeness and ownership, and
 * a gateway may add fields. Pure.
 */
import { positionSchema, serverFrames } from "@trueline/protocol";
import { z } from "zod";

const wireEventSchema = z.object({
  type: z.string(),
  seq: z.int().positive(),
  firstSeq: z.int().positive().optional(),
  at: z.iso.datetime(),
  threadId: z.string(),
  runId: z.string().nullable(),
  data: z.looseObject({}),
});
export type WireEvent = z.infer<typeof wireEventSchema>;

const controlSchema = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("welcome"),
    connectionId: z.string(),
    user: z.object({ id: z.string() }),
    position: positionSchema,
    resumed: z.string(),
  }),
  serverFrames.ack,
  serverFrames.refused,
  serverFrames.pong,
  z.object({ type: z.literal("reset"), position: positionSchema, reason: z.string() }),
  serverFrames.going_away,
  serverFrames.error,
]);
export type Control = z.infer<typeof controlSchema>;
export type ControlOf<Type extends Control["type"]> = Extract<Control, { type: Type }>;

export type Item =
  | { readonly kind: "event"; readonly event: WireEvent }
  | { readonly kind: "control"; readonly frame: Control }
  /** Not what the contract says a frame is. */
  | { readonly kind: "garbage"; readonly why: string };

/** `at`: milliseconds on the probe's own clock. */
export type Received = Item & { readonly at: number };

/** The items of one text frame, which holds one object or an array of them in order. */
export function itemsOf(text: string): readonly Item[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return [{ kind: "garbage", why: "a frame that is not JSON" }];
  }
  return (Array.isArray(value) ? value : [value]).map(itemOf);
}

const controlTypes: ReadonlySet<string> = new Set(
  controlSchema.options.map((option) => option.shape.type.value),
);

function itemOf(value: unknown): Item {
  const { type } = (value ?? {}) as { type?: unknown };
  if (typeof type !== "string") return { kind: "garbage", why: "a frame without a type" };
  if (controlTypes.has(type)) {
    const parsed = controlSchema.safeParse(value);
    return parsed.success ? { kind: "control", frame: parsed.data } : misfit(type, parsed.error);
  }
  const parsed = wireEventSchema.safeParse(value);
  return parsed.success ? { kind: "event", event: parsed.data } : misfit(type, parsed.error);
}

function misfit(type: string, error: z.ZodError): Item {
  const [issue] = error.issues;
  return { kind: "garbage", why: `a ${type} that does not fit: ${issue?.path.join(".")}: ${issue?.message}` };
}
