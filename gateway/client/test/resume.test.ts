import type { LogEvent } from "@trueline/protocol";
import { describe, expect, it } from "vitest";
import { ClientError, type Discontinuity, type StoredPosition } from "../src/index.ts";
import { collect, isUnbroken, newClient, signedIn, startGateway, until } from "./harness.ts";
import { merged, runOf } from "./model.ts";

const email = "ada@example.com";
const plain = (events: readonly LogEvent[]) =>
  merged(events, () => true).map(({ firstSeq: _, ...rest }) => rest);

describe("resume", () => {
  it("RS1, RS5: a connection that is cut at any frame loses nothing, doubles nothing, and runs once", async () => {
    // welcome, thread_created, the run's events, ack: every boundary, and a second cut right after the first.
    for (let cut = 0; cut < 14; cut++) {
      const { gateway, url } = await startGateway();
      gateway.cuts = [cut, cut % 3];
      const client = newClient(url);
      const { events, through } = collect(client);
      const resets: Discontinuity[] = [];
      client.on("reset", (why) => resets.push(why));
      await client.login(email, "secret");
      const ack = await client.send("tell me something");
      const { model } = gateway.account(email);
      await through(model.position.seq);
      expect(gateway.runs, `cut at ${cut}`).toBe(1);
      expect(ack.runId).toBe(model.events.at(-1)?.runId);
      expect(isUnbroken(events, resets.at(-1)?.position.seq), `cut at ${cut}`).toBe(true);
      expect(plain(events)).toEqual(plain(model.events));
      expect(resets.map(({ cause }) => cause)).toEqual(["live"]);
      client.close();
    }
  });

  it("RS1: frames that come twice, and merged ranges that reach back, are given once", async () => {
    const { gateway, url } = await startGateway();
    const { model } = gateway.account(email);
    const client = await signedIn(url);
    const { events, through } = collect(client);
    const [connection] = gateway.connections;
    const ids = { threadId: "t", runId: "r", messageId: "m", id: "c" };
    model.append(...runOf(ids, "one two three"));
    await through(model.position.seq - 1);
    connection?.send(model.events[2] as LogEvent);
    connection?.send(merged(model.events, () => true));
    model.append({ type: "thread_renamed", threadId: "t", runId: null, data: { title: "x" } });
    await through(model.position.seq);
    expect(events).toEqual(model.events);
  });

  it("EV3: a gap is not shown; the client asks again from its position", async () => {
    const { gateway, url } = await startGateway();
    const { model } = gateway.account(email);
    const client = await signedIn(url);
    const { events, through } = collect(client);
    const [connection] = gateway.connections;
    const rename = (title: string) =>
      ({ type: "thread_renamed", threadId: "t", runId: null, data: { title } }) as const;
    model.append(rename("one"));
    // The frames of these are lost on their way.
    if (connection) connection.send = () => undefined;
    model.append(rename("two"));
    if (connection) Reflect.deleteProperty(connection, "send");
    model.append(rename("three"));
    await through(3);
    expect(events).toEqual(model.events);
    expect(gateway.hellos.map(({ position }) => position?.seq)).toEqual([undefined, 1]);
  });

  it("RS2: where a server cannot fill a gap, the client gives the position up and says so", async () => {
    const { gateway, url } = await startGateway();
    const { model } = gateway.account(email);
    const client = await signedIn(url);
    const { events } = collect(client);
    gateway.replay = (of, seq) => [...of.after(seq + 1)];
    const rename = { type: "thread_renamed", threadId: "t", runId: null, data: { title: "x" } } as const;
    const unresolved = new Promise<Discontinuity>((resolve) => client.on("reset", resolve));
    for (const { ws } of gateway.connections) ws.terminate();
    model.append(rename, rename, rename);
    expect(await unresolved).toEqual({ cause: "unresolved", position: { epoch: "e1", seq: 3 } });
    expect(events).toEqual([]);
  });

  it("RS2: a reset tells the reason and the new position, once, and goes on from there", async () => {
    const { gateway, url } = await startGateway();
    const { model } = gateway.account(email);
    const client = await signedIn(url);
    const { events, through } = collect(client);
    const resets: Discontinuity[] = [];
    client.on("reset", (why) => resets.push(why));
    gateway.reset = "too_old";
    for (const { ws } of gateway.connections) ws.terminate();
    await until(client, ({ state }) => state === "waiting");
    model.append({ type: "thread_created", threadId: "t", runId: null, data: { title: "missed" } });
    await client.online();
    model.append({ type: "thread_renamed", threadId: "t", runId: null, data: { title: "seen" } });
    await through(2);
    expect(resets).toEqual([{ cause: "reset", reason: "too_old", position: { epoch: "e1", seq: 1 } }]);
    expect(events.map(({ seq }) => seq)).toEqual([2]);
    expect(client.position).toEqual({ epoch: "e1", seq: 2 });
  });

  it("RS2: a reset in the middle of a connection (fell_behind) is the same", async () => {
    const { gateway, url } = await startGateway();
    const client = await signedIn(url);
    const reset = new Promise<Discontinuity>((resolve) => client.on("reset", resolve));
    const position = { epoch: "e2", seq: 40 };
    for (const connection of gateway.connections)
      connection.send({ type: "reset", position, reason: "fell_behind" });
    expect(await reset).toEqual({ cause: "reset", reason: "fell_behind", position });
    expect(client.state.state).toBe("online");
  });

  it("RS2: events wait until the snapshot that belongs under them is loaded, which is tried again", async () => {
    const { gateway, url } = await startGateway();
    const { model } = gateway.account(email);
    const order: string[] = [];
    let tries = 0;
    const client = newClient(url, {
      snapshot: async ({ cause }) => {
        order.push(`snapshot ${cause}`);
        if (tries++ === 0) {
          model.append({ type: "thread_created", threadId: "t", runId: null, data: { title: "x" } });
          throw new Error("the first one fails");
        }
        const { threads } = await client.threads.list();
        order.push(`loaded ${threads.length}`);
      },
    });
    client.on("trouble", ({ message }) => order.push(message));
    const { through } = collect(client);
    client.on("event", ({ seq }) => order.push(`event ${seq}`));
    await client.login(email, "secret");
    await through(1);
    expect(order).toEqual(["snapshot live", "the first one fails", "snapshot live", "loaded 1", "event 1"]);
  });

  it("RS1: a program that keeps its position misses nothing over its own restart", async () => {
    const { gateway, url } = await startGateway();
    const { model } = gateway.account(email);
    let stored: StoredPosition | undefined;
    const position = {
      read: () => stored,
      write: (next: StoredPosition | undefined) => {
        stored = next;
      },
    };
    const first = await signedIn(url, { position });
    await first.send("before");
    const seen = collect(first);
    await seen.through(0);
    first.close();
    const at = stored?.seq ?? 0;
    model.append({ type: "thread_created", threadId: "t", runId: null, data: { title: "while away" } });
    const second = newClient(url, { position });
    const { events, through } = collect(second);
    await second.login(email, "secret");
    await through(model.position.seq);
    expect(events[0]?.firstSeq ?? events[0]?.seq).toBe(at + 1);
    expect(stored).toEqual({ ...model.position, userId: "usr_ada" });
  });

  it("IS1: the position of one user is not used for another", async () => {
    const { gateway, url } = await startGateway();
    const client = await signedIn(url);
    const { model } = gateway.account("bob@example.com");
    model.append({ type: "thread_created", threadId: "t", runId: null, data: { title: "of bob" } });
    const { events } = collect(client);
    const live = new Promise<Discontinuity>((resolve) => client.on("reset", resolve));
    await client.login("bob@example.com", "secret");
    expect(await live).toEqual({ cause: "live", position: { epoch: "e1", seq: 1 } });
    expect(client.user?.name).toBe("bob");
    expect(events).toEqual([]);
  });

  it("UI3: asking gives the events of its own run, to the end", async () => {
    const { gateway, url } = await startGateway();
    const client = await signedIn(url);
    gateway.cuts = [];
    const types: string[] = [];
    let answer = "";
    for await (const event of client.ask("hello")) {
      types.push(event.type);
      if (event.type === "text_delta") answer += event.data.text;
    }
    expect(answer).toBe("You said: hello");
    expect([types[0], types.at(-1)]).toEqual(["message_accepted", "agent_completed"]);
  });

  it("UI3: a loop that takes nothing is bounded, and told", async () => {
    const { gateway, url } = await startGateway();
    const client = await signedIn(url);
    const loop = client.events({ maxWaiting: 2 })[Symbol.asyncIterator]();
    const { through } = collect(client);
    await client.send("one two three four");
    await through(gateway.account(email).model.position.seq);
    expect((await loop.next()).value?.seq).toBe(1);
    expect((await loop.next()).value?.seq).toBe(2);
    await expect(loop.next()).rejects.toEqual(expect.objectContaining({ code: "overflow" }));
    await expect(loop.next()).rejects.toBeInstanceOf(ClientError);
  });
});
