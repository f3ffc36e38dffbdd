import { describe, expect, it } from "vitest";
import type { Ack } from "../src/index.ts";
import { limits } from "./gateway.ts";
import { signedIn, startGateway, until } from "./harness.ts";

describe("outbox", () => {
  it("MG4, RN4: a refusal rejects with its code, its sentence and when to retry", async () => {
    const { gateway, url } = await startGateway();
    const client = await signedIn(url);
    gateway.refuse = () => ({
      code: "rate_limited",
      message: "60 of 60 messages a minute.",
      retryAfterMs: 900,
    });
    await expect(client.send("hello")).rejects.toMatchObject({
      name: "TruelineError",
      code: "rate_limited",
      message: "60 of 60 messages a minute.",
      retryAfterMs: 900,
    });
    await expect(client.cancel("run_of_another")).rejects.toMatchObject({ code: "rate_limited" });
    gateway.refuse = () => undefined;
    await expect(client.cancel("run_of_another")).rejects.toMatchObject({ code: "not_found" });
  });

  it("RS5: what was sent, but not answered, is sent again with its id and runs once", async () => {
    const { gateway, url } = await startGateway();
    const client = await signedIn(url);
    // The first answer is lost, after the message was accepted.
    for (const connection of gateway.connections) connection.send = () => connection.ws.terminate();
    const acks = await Promise.all([client.send("one", { id: "a" }), client.send("two", { id: "b" })]);
    expect(acks.map(({ id }) => id)).toEqual(["a", "b"]);
    expect(gateway.runs).toBe(2);
    expect(await client.send("one", { id: "a" })).toEqual(acks[0]);
    expect(gateway.runs).toBe(2);
  });

  it("RS5: what could not be stored is sent again with its id, as often as it takes, and is answered in the end", async () => {
    const { gateway, url } = await startGateway();
    const client = await signedIn(url);
    const asked: string[] = [];
    gateway.refuse = ({ id }) => {
      asked.push(id);
      const message = "The message could not be stored completely.";
      return asked.length < 3 ? { code: "store_unavailable", message, retryAfterMs: 1 } : undefined;
    };
    const ack = await client.send("one", { id: "a" });
    expect(ack.id).toBe("a");
    expect(asked).toEqual(["a", "a", "a"]);
    expect(gateway.runs).toBe(1);
  });

  it("UI3: a caller who stops waiting ends what would be sent again", async () => {
    const { gateway, url } = await startGateway();
    const client = await signedIn(url, { outboxSize: 1 });
    const refused = Promise.withResolvers<void>();
    gateway.refuse = ({ id }) => {
      if (id === "a") refused.resolve();
      return id === "a" ? { code: "store_unavailable", message: "Not now.", retryAfterMs: 1 } : undefined;
    };
    const gone = new AbortController();
    const first = client.send("one", { id: "a", signal: gone.signal });
    await refused.promise;
    gone.abort();
    await expect(first).rejects.toMatchObject({ code: "aborted" });
    expect((await client.send("two", { id: "b" })).id).toBe("b");
    expect(gateway.runs).toBe(1);
  });

  it("RS5: the same id while it waits is the same message; with another text it is refused", async () => {
    const { gateway, url } = await startGateway();
    const client = await signedIn(url);
    const both = [client.send("one", { id: "a" }), client.send("one", { id: "a" })];
    await expect(client.send("other", { id: "a" })).rejects.toMatchObject({ code: "id_reused" });
    const [first, second] = await Promise.all(both);
    expect(second).toEqual(first);
    expect(gateway.runs).toBe(1);
  });

  it("UI3: messages keep their order over a reconnect", async () => {
    const { gateway, url } = await startGateway();
    const client = await signedIn(url);
    for (const { ws } of gateway.connections) ws.terminate();
    await until(client, ({ state }) => state === "waiting");
    const order: string[] = [];
    const sent = ["1", "2", "3"].map((text) => client.send(text).then(() => order.push(text)));
    await Promise.all(sent);
    expect(order).toEqual(["1", "2", "3"]);
    const { events } = gateway.account("ada@example.com").model;
    const texts = events.flatMap((event) => (event.type === "message_accepted" ? [event.data.text] : []));
    expect(texts).toEqual(["1", "2", "3"]);
  });

  it("AU4: a message that would cost the connection is refused before it is sent", async () => {
    const { gateway, url } = await startGateway();
    const client = await signedIn(url);
    const tooLong = "x".repeat(limits.maxTextLength + 1);
    await expect(client.send(tooLong)).rejects.toMatchObject({ code: "payload_too_large" });
    const control = "\u0001".repeat(limits.maxTextLength);
    await expect(client.send(control)).rejects.toMatchObject({ code: "payload_too_large" });
    expect(client.state.state).toBe("online");
    expect(gateway.runs).toBe(0);
  });

  it("UI3: the outbox is bounded, and a caller can stop waiting", async () => {
    const { gateway, url } = await startGateway();
    const client = await signedIn(url, { outboxSize: 1 });
    for (const { ws } of gateway.connections) ws.terminate();
    await until(client, ({ state }) => state === "waiting");
    const gone = new AbortController();
    const first = client.send("one", { signal: gone.signal });
    await expect(client.send("two")).rejects.toMatchObject({ code: "outbox_full" });
    gone.abort();
    await expect(first).rejects.toMatchObject({ code: "aborted" });
    const ack: Ack = await client.send("three");
    expect(ack.threadId).not.toBe("");
    expect(gateway.runs).toBe(1);
  });

  it("IS1: what one user left in the outbox is never sent as another", async () => {
    const { gateway, url } = await startGateway();
    const client = await signedIn(url);
    gateway.revokeSessions();
    for (const { ws } of gateway.connections) ws.terminate();
    await until(client, ({ state }) => state === "waiting");
    const ack = client.send("of ada");
    const rejected = expect(ack).rejects.toMatchObject({ code: "signed_out" });
    await until(client, ({ state }) => state === "signed_out");
    await client.login("bob@example.com", "secret");
    await client.online();
    await rejected;
    expect(gateway.runs).toBe(0);
  });

  it("UI3: signing out rejects what waits", async () => {
    const { gateway, url } = await startGateway();
    const client = await signedIn(url);
    for (const { ws } of gateway.connections) ws.terminate();
    await until(client, ({ state }) => state === "waiting");
    const rejected = expect(client.send("hello")).rejects.toMatchObject({ code: "signed_out" });
    await client.logout();
    await rejected;
    expect(gateway.runs).toBe(0);
  });
});
