/** Sends traces to an OpenTelemetry collector, when one is configured. The spans are made by the engine and the routes. */
import { context, propagation, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BatchSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";

export interface TracingOptions {
  /** Where OTLP over HTTP is taken, `http://collector:4318/v1/traces`. */
  readonly endpoint: string;
  readonly serviceName: string;
  readonly version: string;
}

/** Once per process, before the first span. Gives what sends the last spans and ends it. */
export function startTracing({ endpoint, serviceName, version }: TracingOptions): () => Promise<void> {
  const exporter = new OTLPTraceExporter({ url: endpoint });
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ "service.name": serviceName, "service.version": version }),
    spanProcessors: [new BatchSpanProcessor({ exporter })],
  });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(provider);
  return async () => {
    await provider.shutdown();
    trace.disable();
    context.disable();
    propagation.disable();
  };
}
