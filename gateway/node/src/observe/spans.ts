/** Spans of the transport, above those of the engine: whatever `work` begins belongs to them (HC1). */
import { context, SpanStatusCode, trace } from "@opentelemetry/api";

/** Of a call whose work is over when its promise is. */
export async function inSpan<T>(name: string, work: () => Promise<T>): Promise<T> {
  const span = trace.getTracer("trueline").startSpan(name);
  try {
    return await context.with(trace.setSpan(context.active(), span), work);
  } catch (error) {
    span.setStatus({ code: SpanStatusCode.ERROR });
    throw error;
  } finally {
    span.end();
  }
}

/** Of a frame, which is taken in at once; what it sets going may take longer and still is below it. */
export function inFrameSpan(work: () => void): void {
  const span = trace.getTracer("trueline").startSpan("trueline.frame");
  try {
    context.with(trace.setSpan(context.active(), span), work);
  } finally {
    span.end();
  }
}
