/** Options with their defaults filled in, for the parts that need them. */
import { Backoff } from "./backoff.ts";
import type { HttpOptions } from "./http.ts";
import type { LinkSettings } from "./link.ts";
import type { ConnectOptions, WebSocketConstructor } from "./options.ts";

export function baseUrl(url: string | undefined): string {
  const given = url ?? (typeof location === "undefined" ? undefined : location.origin);
  if (given === undefined) throw new Error("connect: `url` must be given outside a browser");
  if (!/^https?:\/\//.test(given))
    throw new Error(`connect: \`url\` must begin with http:// or https://, not ${given}`);
  return given.replace(/\/+$/, "");
}

export const toHttpOptions = (options: ConnectOptions, url: string): HttpOptions => ({
  url,
  // Browsers refuse a `fetch` that is called as the method of another object.
  fetch: options.fetch ?? ((input, init) => globalThis.fetch(input, init)),
  timeoutMs: options.requestTimeoutMs ?? 30_000,
});

export const toBackoff =
  ({ backoff = {}, random = Math.random }: ConnectOptions) =>
  (): Backoff =>
    new Backoff({ baseMs: backoff.baseMs ?? 500, maxMs: backoff.maxMs ?? 30_000, random });

export const toLinkOptions = (options: ConnectOptions): LinkSettings => ({
  WebSocket: options.WebSocket ?? (globalThis.WebSocket as unknown as WebSocketConstructor),
  connectTimeoutMs: options.connectTimeoutMs ?? 10_000,
  pingIntervalMs: options.pingIntervalMs ?? 25_000,
  pongTimeoutMs: options.pongTimeoutMs ?? 10_000,
  busyPingIntervalMs: options.busyPingIntervalMs ?? 5_000,
});
