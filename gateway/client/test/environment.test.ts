import { Window } from "happy-dom";
import { describe, expect, it, vi } from "vitest";
import { newClient, signedIn, startGateway, until } from "./harness.ts";

// A browser's window, as far as the client looks at it.
const target = new EventTarget();
let listeners = 0;
vi.stubGlobal("document", new Window().document);
vi.stubGlobal("addEventListener", (name: string, listener: () => void) => {
  listeners++;
  target.addEventListener(name, listener);
});
vi.stubGlobal("removeEventListener", (name: string, listener: () => void) => {
  listeners--;
  target.removeEventListener(name, listener);
});
const tell = (name: string): void => void target.dispatchEvent(new Event(name));

describe("in a browser", () => {
  it("UI3: when the network is back a wait ends at once", async () => {
    const { gateway, url } = await startGateway();
    const client = await signedIn(url, {
      backoff: { baseMs: 3_600_000, maxMs: 3_600_000 },
      random: () => 0.9,
    });
    for (const { ws } of gateway.connections) ws.terminate();
    await until(client, ({ state }) => state === "waiting");
    tell("online");
    await client.online();
  });

  it("UI3: when the network is gone the socket is tested, and replaced when it is dead", async () => {
    const { gateway, url } = await startGateway();
    const client = await signedIn(url, { pongTimeoutMs: 20 });
    gateway.answersPings = false;
    tell("offline");
    await until(client, ({ state }) => state === "waiting");
  });

  it("UI3: a closed client listens to nothing any more", async () => {
    const { url } = await startGateway();
    const before = listeners;
    const client = newClient(url);
    expect(listeners - before).toBeGreaterThan(0);
    client.close();
    expect(listeners - before).toBe(0);
  });
});
