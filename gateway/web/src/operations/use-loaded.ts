/** What a call answers, as a union: a page of it shows exactly one of these. */
import { useEffect, useState } from "react";
import { sentence } from "../format.ts";

export type Loaded<T> =
  | { readonly state: "loading" }
  | { readonly state: "ready"; readonly value: T }
  /** `value`: what was there before, if anything. */
  | { readonly state: "failed"; readonly message: string; readonly value: T | undefined };

/** Loads again whenever `load` changes, and every `everyMs` while the page is looked at. */
export function useLoaded<T>(load: (signal: AbortSignal) => Promise<T>, everyMs?: number): Loaded<T> {
  const [loaded, setLoaded] = useState<Loaded<T>>({ state: "loading" });

  useEffect(() => {
    const stop = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const show: typeof setLoaded = (next) => {
      if (!stop.signal.aborted) setLoaded(next);
    };
    const again = () => {
      if (everyMs !== undefined && !stop.signal.aborted) timer = setTimeout(run, everyMs);
    };
    const run = (): void => {
      if (everyMs !== undefined && document.hidden) {
        again();
        return;
      }
      load(stop.signal)
        .then(
          (value) => show({ state: "ready", value }),
          (error: unknown) => show((before) => failed(error, before)),
        )
        .finally(again);
    };
    run();
    return () => {
      stop.abort();
      clearTimeout(timer);
    };
  }, [load, everyMs]);

  return loaded;
}

function failed<T>(error: unknown, before: Loaded<T>): Loaded<T> {
  const message = sentence(error instanceof Error ? error.message : String(error));
  return { state: "failed", message, value: before.state === "loading" ? undefined : before.value };
}
