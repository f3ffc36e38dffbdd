/** The span of a frame, above those of the engine: whatever `work` begins belongs to it (HC1). Called by the socket. */
import { context, trace } from "@opentelemetry/api";
import { tracer } from "@trueline/server";

/** A frame is taken in at once; what it sets going may take longer and still is below it. */
export function inFrameSpan(work: () => void): void {
  const span = tracer().startSpan("trueline.frame");
  try {
    context.with(trace.setSpan(context.active(), span), work);
  } finally {
    span.end();
  }
}
