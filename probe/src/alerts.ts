/** Says once that something has begun to fail, and once that it is well again, to every webhook, in that order. */
import type { ProbeReport } from "@trueline/protocol";
import { type Alert, type Sending, send, type Webhook } from "./webhook.ts";

export interface AlertsOptions {
  readonly webhooks: readonly Webhook[];
  /** An alert that a webhook did not take, after every attempt. */
  readonly onTrouble: (error: Error) => void;
  /** Default 6: over half a minute. */
  readonly attempts?: number;
  /** Milliseconds before the second attempt; doubles with each further one. Default 1,000. */
  readonly retryMs?: number;
}

export interface Alerts {
  /** What holds now of `key`. Only a change is told. Before anything was said of a key, it is well. */
  tell(key: string, firing: boolean, words: { readonly title: string; readonly text: string }): void;
  /** Resolves when nothing is on its way any more. */
  settled(): Promise<void>;
  /** Gives up what is on its way. */
  close(): Promise<void>;
}

export function createAlerts(options: AlertsOptions): Alerts {
  const { webhooks, onTrouble, attempts = 6, retryMs = 1_000 } = options;
  const abort = new AbortController();
  const sending: Sending = { signal: abort.signal, attempts, retryMs };
  const firing = new Set<string>();
  /** Of each webhook, the last of its alerts: the end of a trouble never comes before its beginning. */
  const queues = webhooks.map((webhook) => ({ webhook, last: Promise.resolve() }));

  function enqueue(alert: Alert): void {
    for (const queue of queues) {
      queue.last = queue.last
        .then(() => (abort.signal.aborted ? undefined : send(queue.webhook, alert, sending)))
        .catch((error: Error) => onTrouble(error));
    }
  }

  const settled = async (): Promise<void> => void (await Promise.all(queues.map(({ last }) => last)));

  return {
    tell(key, isFiring, { title, text }) {
      if (firing.has(key) === isFiring) return;
      if (isFiring) firing.add(key);
      else firing.delete(key);
      const at = new Date().toISOString();
      enqueue({ key, state: isFiring ? "firing" : "resolved", title, text, at });
    },
    settled,
    async close() {
      abort.abort();
      await settled();
    },
  };
}

/**
 * A walk that did not pass is told, an inconclusive one too: where nothing answers, nobody is served. But a gateway that
 * says that it restarts is not in trouble; what was so before stays so.
 */
export function tellOfWalk(alerts: Alerts, { outcome, code, url, message, legs }: ProbeReport): void {
  if (code === "going_away") return;
  const key = `probe ${url}`;
  if (outcome === "pass") {
    alerts.tell(key, false, { title: `The golden path holds again: ${url}`, text: message });
    return;
  }
  const lines = legs.filter(({ ok }) => !ok).map(({ name, detail }) => `• ${name}: ${detail ?? "failed"}`);
  const title = `The golden path ${outcome === "fail" ? "is broken" : "cannot be walked"}: ${url}`;
  alerts.tell(key, true, { title, text: [message, ...lines.slice(1)].join("\n") });
}
