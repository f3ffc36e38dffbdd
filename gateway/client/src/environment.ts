/** What the browser tells about the network and the page. Elsewhere there is nothing to listen to. */
export interface EnvironmentListener {
  /** A good moment to look whether the connection is alive, or to try again. */
  readonly onWake: () => void;
}

export function watchEnvironment({ onWake }: EnvironmentListener): () => void {
  if (typeof document === "undefined") return () => undefined;
  const onVisibility = (): void => {
    if (document.visibilityState === "visible") onWake();
  };
  // `offline` is only a hint (the server may be on this machine): the socket is tested, not given up.
  addEventListener("online", onWake);
  addEventListener("offline", onWake);
  addEventListener("pageshow", onWake);
  document.addEventListener("visibilitychange", onVisibility);
  return () => {
    removeEventListener("online", onWake);
    removeEventListener("offline", onWake);
    removeEventListener("pageshow", onWake);
    document.removeEventListener("visibilitychange", onVisibility);
  };
}
