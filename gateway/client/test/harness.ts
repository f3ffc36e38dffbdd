/** A gateway of its own for each test, clients of it that are closed after it, and waits for what is to happen. */
import type { LogEvent } from "@trueline/protocol";
import { onTestFinished } from "vitest";
import { type Client, type ConnectionState, type ConnectOptions, connect } from "../src/index.ts";
import { Gateway } from "./gateway.ts";

export async function startGateway(): Promise<{ gateway: Gateway; url: string }> {
  const gateway = new Gateway();
  const url = await gateway.listen();
  onTestFinished(() => gateway.close());
  return { gateway, url };
}

/** Not signed in yet. */
export function newClient(url: string, options: ConnectOptions = {}): Client {
  const client = connect({ url, backoff: { baseMs: 1, maxMs: 20 }, ...options });
  onTestFinished(() => client.close());
  return client;
}

export async function signedIn(
  url: string,
  options: ConnectOptions = {},
  email = "ada@example.com",
): Promise<Client> {
  const client = newClient(url, options);
  await client.login(email, "secret");
  await client.online();
  return client;
}

export function until(client: Client, wanted: (state: ConnectionState) => boolean): Promise<ConnectionState> {
  return new Promise((resolve) => {
    if (wanted(client.state)) resolve(client.state);
    const off = client.on("state", (state) => {
      if (!wanted(state)) return;
      off();
      resolve(state);
    });
  });
}

/** What a listener is given, and when there is enough of it. */
export function collect(client: Client): { events: LogEvent[]; through: (seq: number) => Promise<void> } {
  const events: LogEvent[] = [];
  client.on("event", (event) => events.push(event));
  const through = (seq: number): Promise<void> =>
    new Promise((resolve) => {
      const look = (): boolean => (events.at(-1)?.seq ?? 0) >= seq;
      if (look()) resolve();
      const off = client.on("event", () => {
        if (!look()) return;
        off();
        resolve();
      });
    });
  return { events, through };
}

/** Their ranges follow on each other: nothing is missing, doubled or out of order. */
export function isUnbroken(events: readonly LogEvent[], after = 0): boolean {
  let seq = after;
  return events.every((event) => {
    const follows = (event.firstSeq ?? event.seq) === seq + 1;
    seq = event.seq;
    return follows;
  });
}
