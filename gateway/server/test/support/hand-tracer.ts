/** A tracer that keeps what it is told, behind the OpenTelemetry API: spans with their names and their parents. */
import { AsyncLocalStorage } from "node:async_hooks";
import { type Context, context, ROOT_CONTEXT, type Span, type Tracer, trace } from "@opentelemetry/api";

export interface KeptSpan {
  readonly name: string;
  readonly parent: string | undefined;
  failed: boolean;
  ended: boolean;
}

/** Set for the whole process; `stop` takes it away again. */
export function keepSpans() {
  const spans: KeptSpan[] = [];
  const names = new WeakMap<Span, string>();
  const active = new AsyncLocalStorage<Context>();
  const startSpan = (name: string, _options?: unknown, from: Context = context.active()): Span => {
    const parent = trace.getSpan(from);
    const kept: KeptSpan = { name, parent: parent && names.get(parent), failed: false, ended: false };
    spans.push(kept);
    const span = {
      setStatus: () => {
        kept.failed = true;
        return span;
      },
      end: () => {
        kept.ended = true;
      },
    } as unknown as Span;
    names.set(span, name);
    return span;
  };
  trace.setGlobalTracerProvider({ getTracer: () => ({ startSpan }) as unknown as Tracer });
  context.setGlobalContextManager({
    active: () => active.getStore() ?? ROOT_CONTEXT,
    with: (next, work, self, ...args) => active.run(next, () => work.apply(self, args)),
    bind: (_next, target) => target,
    enable() {
      return this;
    },
    disable() {
      return this;
    },
  });
  return {
    spans,
    startSpan,
    stop: () => {
      trace.disable();
      context.disable();
    },
  };
}
