/** What the connection is doing: a quiet word in the head, and a banner where the person should know more. */
import type { Client, ConnectionState } from "@trueline/client";
import { useEffect, useState, useSyncExternalStore } from "react";
import { sentence } from "../format.ts";
import { useSecondsUntil } from "../use-now.ts";

interface ConnectionProps {
  readonly state: ConnectionState;
  readonly client: Client;
}

/** Connecting for a blink is not worth a word. */
const blinkMs = 600;

export function ConnectionChip({ state }: { readonly state: ConnectionState }) {
  const networkUp = useNetworkUp();
  const { look, label } = describe(state, networkUp);
  return (
    <span className={`state ${look}`} role="status">
      {label}
    </span>
  );
}

export function ConnectionBanner({ state, client }: ConnectionProps) {
  const networkUp = useNetworkUp();
  const seconds = useSecondsUntil(state.state === "waiting" ? state.retryAt : undefined);
  const lasting = useLasting(state.state === "connecting" && state.attempt > 1);
  const offline = useLasting(state.state === "online" && !networkUp);

  if (state.state === "stopped") {
    return (
      <p className="banner bad" role="alert">
        <span>The server closed the connection. {sentence(state.reason)} What is shown may be old.</span>
        <button type="button" onClick={() => client.reconnect()}>
          Connect again
        </button>
      </p>
    );
  }
  if (state.state === "waiting") {
    return (
      <p className="banner">
        <span>
          {networkUp ? "The connection was lost." : "You are offline."} What you write is kept, and answers go
          on without you. Next try {seconds > 0 ? `in ${seconds} s` : "now"}.
        </span>
        <button type="button" onClick={() => client.reconnect()}>
          Try now
        </button>
      </p>
    );
  }
  if (offline) {
    return (
      <p className="banner">
        You are offline. What you write is kept, and sent when you are online again; answers go on without
        you.
      </p>
    );
  }
  return lasting ? <p className="banner">Connecting again…</p> : null;
}

function describe(state: ConnectionState, networkUp: boolean): { look: string; label: string } {
  switch (state.state) {
    case "online":
      // The browser knows of a network that is gone long before the socket does.
      return networkUp ? { look: "online", label: "Online" } : { look: "down", label: "Offline" };
    case "connecting":
      if (!networkUp) return { look: "down", label: "Offline" };
      return { look: "waiting", label: state.attempt > 1 ? "Reconnecting" : "Connecting" };
    case "waiting":
      return networkUp ? { look: "waiting", label: "Reconnecting" } : { look: "down", label: "Offline" };
    case "signed_out":
      return { look: "down", label: "Signed out" };
    case "stopped":
      return { look: "down", label: "Disconnected" };
  }
}

function useLasting(now: boolean): boolean {
  const [lasting, setLasting] = useState(false);
  useEffect(() => {
    if (!now) return setLasting(false);
    const timer = setTimeout(() => setLasting(true), blinkMs);
    return () => clearTimeout(timer);
  }, [now]);
  return now && lasting;
}

const useNetworkUp = (): boolean => useSyncExternalStore(onNetworkChange, () => navigator.onLine);

function onNetworkChange(changed: () => void): () => void {
  addEventListener("online", changed);
  addEventListener("offline", changed);
  return () => {
    removeEventListener("online", changed);
    removeEventListener("offline", changed);
  };
}
