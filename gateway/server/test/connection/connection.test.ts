import { newId } from "@trueline/kit";
import { closeCodes } from "@trueline/protocol";
import { describe, expect, it, vi } from "vitest";
import { engineFixture } from "../support/engine-fixture.ts";
import { HandClient, viewOf } from "../support/hand-client.ts";
import { HandTransport } from "../support/hand-transport.ts";
import { turns } from "../support/log-fixture.ts";

const hello = { type: "hello", client: { name: "test", version: "1" } };

async function open(limits: Parameters<typeof engineFixture>[0] = {}) {
  const { managers } = engineFixture(limits);
  const user = newId("user");
  const manager = await managers.for(user);
  const admitted = manager.admit();
  if (!admitted.ok) throw new Error(admitted.message);
  const transport = new HandTransport();
  const connection = admitted.place.connect(transport, { view: viewOf(user), session: null });
  const say = (...frames: (object | string)[]): void => {
    for (const frame of frames) connection.receive(typeof frame === "string" ? frame : JSON.stringify(frame));
  };
  return { managers, manager, user, transport, connection, say };
}

const deep = `{"type":"ping","t":${"[".repeat(200)}${"]".repeat(200)}}`;

describe("frames of a client", () => {
  it.each([
    ["unknown keys", { ...hello, codec: "v2", client: { name: "next", version: "9", platform: "watch" } }],
    ["no client", { type: "hello" }],
    ["no version", { type: "hello", client: { name: "next" } }],
    ["a position of null", { ...hello, position: null }],
  ])("AU4: a hello with %s is welcome: a newer client is not sent away for good", async (_what, greeting) => {
    const { transport, say } = await open();
    say(greeting);
    await turns(1);
    transport.flush();
    expect(transport.received.map(({ type }) => type)).toEqual(["welcome"]);
  });

  it("AU4: in every other frame an unknown key is refused", async () => {
    const { transport, say } = await open();
    say(hello);
    await turns(1);
    say({ type: "send", id: "m1", text: "say a", priority: 1 });
    transport.flush();
    expect(transport.received.at(-1)).toMatchObject({ type: "refused", id: "m1", code: "invalid_request" });
  });

  it.each([
    ["not JSON", "{", "bad_frame", /not JSON/],
    ["not an object", "7", "bad_frame", /./],
    ["an unknown type", '{"type":"boo"}', "bad_frame", /type/],
    ["deep JSON", deep, "bad_frame", /deeper/],
    ["a key that no frame has", '{"type":"ping","t":1,"x":1}', "bad_frame", /x/],
    ["a second hello", JSON.stringify(hello), "wrong_order", /once/],
  ])("AU4: %s is told and closes, in words that help", async (_what, text, reason, message) => {
    const { transport, say } = await open();
    say(hello);
    await turns(1);
    say(text);
    expect(transport.received.at(-1)).toMatchObject({
      type: "error",
      message: expect.stringMatching(message),
    });
    expect(transport.closedWith).toBe(closeCodes[reason as keyof typeof closeCodes]);
  });

  it("RS1: welcome comes first, whatever a client sends without waiting for it", async () => {
    const { transport, say, manager } = await open();
    const { epoch } = manager.position;
    say(
      { ...hello, position: { epoch, seq: 0 } },
      { type: "ping", t: 1 },
      { type: "send", id: "1", text: "" },
    );
    expect(transport.received).toEqual([]);
    await turns(1);
    expect(transport.received).toMatchObject([
      { type: "welcome" },
      { type: "pong", t: 1 },
      { type: "refused", id: "1" },
    ]);
  });

  it("BP1: what is sent before welcome is held up to the size of one frame", async () => {
    const { transport, say } = await open({ limits: { frameBytes: 100 } });
    say(hello, { type: "ping", t: "x".repeat(60) }, { type: "ping", t: "x".repeat(60) });
    expect(transport.closedWith).toBe(closeCodes.wrong_order);
  });

  it("AU4: anything before hello is wrong order", async () => {
    const { transport, say } = await open();
    say({ type: "ping", t: 1 });
    expect(transport.received).toMatchObject([{ type: "error", message: expect.stringContaining("hello") }]);
    expect(transport.closedWith).toBe(closeCodes.wrong_order);
  });

  it("AU4: a send that does not fit is refused by its id, and the connection goes on", async () => {
    const { transport, say } = await open();
    say(hello);
    await turns(1);
    say({ type: "send", id: "1", text: "" }, { type: "ping", t: "still here" });
    expect(transport.received.slice(1)).toMatchObject([
      { type: "refused", id: "1", code: "invalid_request", message: expect.stringContaining("text") },
      { type: "pong", t: "still here" },
    ]);
  });

  it("AU4: frames that come too fast close the connection, and no other", async () => {
    const { transport, say, manager, user } = await open({ limits: { framesPerSecond: 1 } });
    const admitted = manager.admit();
    if (!admitted.ok) throw new Error(admitted.message);
    const other = new HandTransport();
    admitted.place.connect(other, { view: viewOf(user), session: null });
    say(hello);
    await turns(1);
    for (let count = 0; count < 10; count++) say({ type: "ping", t: count });
    expect(transport.closedWith).toBe(closeCodes.too_many_frames);
    expect(transport.received.at(-1)).toMatchObject({ type: "error", code: "rate_limited" });
    expect(other.closedWith).toBeUndefined();
  });

  it("AU4: a hello that never comes closes the connection when its time is over", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      const { transport } = await open({ limits: { helloTimeoutMs: 5000 } });
      vi.advanceTimersByTime(4999);
      expect(transport.closedWith).toBeUndefined();
      vi.advanceTimersByTime(1);
      expect(transport.closedWith).toBe(closeCodes.hello_timeout);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe("hello", () => {
  it("RS1: without a position the connection is live from the head", async () => {
    const { manager, transport, say } = await open();
    await manager.createThread("before");
    say(hello);
    await turns(1);
    await manager.createThread("after");
    expect(transport.received).toMatchObject([
      { type: "welcome", resumed: "live", position: { seq: 1 } },
      { type: "thread_created", seq: 2, data: { title: "after" } },
    ]);
  });

  it("RS1: with a position it gets exactly what comes after it, then goes on live", async () => {
    const { manager, transport, say } = await open();
    for (const title of ["one", "two", "three"]) await manager.createThread(title);
    const { epoch } = manager.position;
    say({ ...hello, position: { epoch, seq: 1 } });
    await turns(1);
    await manager.createThread("four");
    expect(transport.received[0]).toMatchObject({ resumed: "replayed", position: { epoch, seq: 1 } });
    expect(transport.events.map((event) => event.seq)).toEqual([2, 3, 4]);
  });

  it.each([
    ["another epoch", () => ({ epoch: "elsewhere", seq: 1 }), "other_epoch"],
    ["a seq that was never given out", (epoch: string) => ({ epoch, seq: 99 }), "unknown_position"],
    ["a seq that is no longer kept", (epoch: string) => ({ epoch, seq: 1 }), "too_old"],
  ])("RS2: %s is answered with reset, its reason and the head", async (_what, position, reason) => {
    const fixture = engineFixture({ limits: { tailEvents: 1 } });
    const client = new HandClient(fixture.managers, newId("user"));
    await client.connect();
    const manager = await fixture.managers.for(client.connection?.visitor.view.id as never);
    for (let count = 0; count < 9; count++) await manager.createThread("t");
    await fixture.eventLog.trim(Number.POSITIVE_INFINITY, new Map());
    client.drop();
    client.position = position(manager.position.epoch);
    await client.connect();
    await turns(2);
    const head = manager.position;
    expect(client.transport.received.slice(0, 2)).toMatchObject([
      { type: "welcome", resumed: "reset", position: head },
      { type: "reset", position: head, reason },
    ]);
  });

  it("EV3: a client that does not gather gets one event a frame and no merged deltas", async () => {
    const { say, transport } = await open();
    say({ ...hello, gather: false });
    await turns(1);
    say({ type: "send", id: "1", text: "say a b c d" });
    for (let left = 50; transport.events.at(-1)?.type !== "agent_completed" && left > 0; left--)
      await turns(2);
    expect(
      transport.events.filter((event) => event.type === "text_delta").map((event) => event.data.text),
    ).toEqual(["a ", "b ", "c ", "d "]);
    expect(transport.events.every((event) => event.firstSeq === undefined)).toBe(true);
  });
});
