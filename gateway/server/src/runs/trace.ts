/** Spans of a run: `trueline.run` → `trueline.step` → `trueline.tool` (HC1). Without a tracer set up they cost nothing. */
import { type Context, context, type Span, SpanStatusCode, type Tracer, trace } from "@opentelemetry/api";

export const tracer = (): Tracer => trace.getTracer("trueline");

/** Runs `action` inside a span; an error ends it as failed and goes on. */
export async function inSpan<T>(
  name: string,
  attributes: Record<string, string | number>,
  action: (span: Span) => Promise<T>,
  parent: Context = context.active(),
): Promise<T> {
  const span = tracer().startSpan(name, { attributes }, parent);
  try {
    return await context.with(trace.setSpan(parent, span), () => action(span));
  } catch (error) {
    span.setStatus({ code: SpanStatusCode.ERROR });
    throw error;
  } finally {
    span.end();
  }
}
