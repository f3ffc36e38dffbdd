/**
 * Which page the address names. Pages live behind `#`, so that any server that gives out static files can serve them
 * under any path, and a thread's id reaches no server's access log.
 */
import { useMemo, useSyncExternalStore } from "react";

export type Route =
  /** `#/` : a new thread that does not exist until its first message. */
  | { readonly page: "new" }
  /** `#/t/<id>` */
  | { readonly page: "thread"; readonly threadId: string }
  /** `#/operations` */
  | { readonly page: "operations" }
  | { readonly page: "unknown" };

/** The same object until the address changes. */
export function useRoute(): Route {
  const hash = useSyncExternalStore(onHashChange, () => location.hash);
  return useMemo(() => parseRoute(hash), [hash]);
}

export function parseRoute(hash: string): Route {
  const path = hash.replace(/^#\/?/, "");
  if (path === "") return { page: "new" };
  if (path === "operations") return { page: "operations" };
  const thread = /^t\/([\w-]{1,128})$/.exec(path);
  return thread?.[1] === undefined ? { page: "unknown" } : { page: "thread", threadId: thread[1] };
}

export const newThreadHref = "#/";
export const operationsHref = "#/operations";
export const threadHref = (threadId: string): string => `#/t/${threadId}`;

/** `replace` keeps the page that is left out of the history. */
export function go(href: string, how: "push" | "replace" = "push"): void {
  if (how === "push") location.hash = href;
  else location.replace(href);
}

function onHashChange(changed: () => void): () => void {
  addEventListener("hashchange", changed);
  return () => removeEventListener("hashchange", changed);
}
