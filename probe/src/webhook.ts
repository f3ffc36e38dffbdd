/** Where alerts go: the body in the form of its receiver, and one that is not taken is tried again. */
export const webhookFormats = ["slack", "teams", "json"] as const;
export type WebhookFormat = (typeof webhookFormats)[number];

export interface Webhook {
  /** A secret: whoever has it can write there. It is in no error and no log. */
  readonly url: string;
  readonly format: WebhookFormat;
}

export interface Alert {
  /** What it is about; the same for its beginning and its end. */
  readonly key: string;
  readonly state: "firing" | "resolved";
  readonly title: string;
  readonly text: string;
  readonly at: string;
}

export interface Sending {
  readonly signal: AbortSignal;
  readonly attempts: number;
  /** Milliseconds before the second attempt; doubles with each further one. */
  readonly retryMs: number;
}

/** Rejects when no attempt was taken. The message names the receiver's host and nothing more of the address. */
export async function send({ url, format }: Webhook, alert: Alert, sending: Sending): Promise<void> {
  const body = JSON.stringify(bodies[format](alert));
  let failed = "";
  for (let attempt = 0; attempt < sending.attempts; attempt++) {
    if (attempt > 0) await pause(sending.retryMs * 2 ** (attempt - 1), sending.signal);
    failed = await attemptOnce(url, body, sending.signal);
    if (failed === "") return;
    if (sending.signal.aborted) break;
  }
  throw new Error(`the webhook at ${new URL(url).host} did not take "${alert.title}": ${failed}`);
}

const bodies: Readonly<Record<WebhookFormat, (alert: Alert) => unknown>> = {
  slack: ({ state, title, text }) => ({ text: `${mark(state)} *${title}*\n${text}` }),
  teams: ({ state, title, text }) => ({
    type: "message",
    attachments: [
      {
        contentType: "application/vnd.microsoft.card.adaptive",
        content: {
          $schema: "http://adaptivecards.io/schemas/adaptive-card.json",
          type: "AdaptiveCard",
          version: "1.4",
          body: [
            { type: "TextBlock", weight: "Bolder", wrap: true, text: `${mark(state)} ${title}` },
            { type: "TextBlock", wrap: true, text },
          ],
        },
      },
    ],
  }),
  json: (alert) => alert,
};

const mark = (state: Alert["state"]): string => (state === "firing" ? "🔴" : "🟢");

const attemptTimeoutMs = 10_000;

/** Empty when it was taken, otherwise why not. */
async function attemptOnce(url: string, body: string, signal: AbortSignal): Promise<string> {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
      signal: AbortSignal.any([signal, AbortSignal.timeout(attemptTimeoutMs)]),
    });
    await response.body?.cancel();
    return response.ok ? "" : `it answered ${response.status}`;
  } catch (error) {
    const { code } = ((error as Error).cause ?? {}) as { code?: unknown };
    return typeof code === "string" ? code : (error as Error).name;
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener("abort", end, { once: true });
  });
}
