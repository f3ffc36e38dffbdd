import { newId, type RunId, type SessionId, type ThreadId, type UserId } from "@trueline/kit";
import { closeCodes } from "@trueline/protocol";
import { describe, expect, it } from "vitest";
import * as server from "../../src/index.ts";
import { engineFixture } from "../support/engine-fixture.ts";
import { HandClient, viewOf } from "../support/hand-client.ts";
import { HandTransport } from "../support/hand-transport.ts";
import { turns } from "../support/log-fixture.ts";

const nobody = { connectionId: null };

describe("managers", () => {
  it("MG1: two simultaneous first calls give one manager; another user gets another", async () => {
    const { managers } = engineFixture();
    const [ada, bob] = [newId("user"), newId("user")];
    const [first, second, other] = await Promise.all([
      managers.for(ada),
      managers.for(ada),
      managers.for(bob),
    ]);
    expect(first).toBe(second);
    expect(await managers.for(ada)).toBe(first);
    expect(other).not.toBe(first);
    expect(other.user).toBe(bob);
  });

  it("MG1: the package exports no class of a manager", () => {
    const classes = Object.values(server).filter(
      (value) => typeof value === "function" && /^class/.test(`${value}`),
    );
    expect(
      classes.map((value) => (value as { name: string }).name).filter((name) => /manager/i.test(name)),
    ).toEqual([]);
  });

  it.each([undefined, null, "", 7, {}, "x".repeat(257)])(
    "MG2: %j is no user: a typed error, and no manager",
    async (user) => {
      const { managers } = engineFixture();
      await expect(managers.for(user as UserId)).rejects.toMatchObject({
        name: "TruelineError",
        code: "unauthorized",
      });
      expect(managers.counts().managers).toBe(0);
    },
  );

  it("MG2: a manager that could not be opened is an error for each who asked, and the next try is a new one", async () => {
    const fixture = engineFixture();
    const head = fixture.eventLog.head;
    const ada = newId("user");
    fixture.eventLog.head = () => Promise.reject(new Error("disk gone"));
    const both = await Promise.allSettled([fixture.managers.for(ada), fixture.managers.for(ada)]);
    expect(both.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    fixture.eventLog.head = head;
    expect((await fixture.managers.for(ada)).user).toBe(ada);
  });

  it("IS5: a message and a cancel that were accepted are audited with where they came from, refused ones with their code", async () => {
    const { managers, audited } = engineFixture();
    const ada = newId("user");
    const manager = await managers.for(ada);
    const origin = { connectionId: null, address: "192.0.2.1" };
    const sent = await manager.send({ id: "m1", text: `say ${"word ".repeat(1000)}` }, origin);
    if (!sent.ok) throw new Error(sent.message);
    const { runId, threadId, messageId } = sent;
    await manager.cancel(runId as RunId, { connectionId: "con_1" });
    expect((await manager.send({ id: "m1", text: "another text" }, origin)).ok).toBe(false);
    expect((await manager.cancel(newId("run"), origin)).ok).toBe(false);
    const ids = { runId, threadId, messageId };
    expect(audited).toEqual([
      { action: "send", user: ada, address: "192.0.2.1", detail: { ...ids, connectionId: null } },
      { action: "cancel", user: ada, address: null, detail: { ...ids, connectionId: "con_1" } },
      {
        action: "send_refused",
        user: ada,
        address: "192.0.2.1",
        detail: { code: "id_reused", connectionId: null },
      },
      {
        action: "cancel_refused",
        user: ada,
        address: "192.0.2.1",
        detail: { code: "not_found", connectionId: null },
      },
    ]);
  });

  it("IS5: what a thread's deletion cancels is audited as a cancel, with its cause", async () => {
    const { managers, audited } = engineFixture();
    const manager = await managers.for(newId("user"));
    const origin = { connectionId: null, address: "192.0.2.1" };
    const first = await manager.send({ id: "m1", text: `say ${"word ".repeat(1000)}` }, origin);
    if (!first.ok) throw new Error(first.message);
    const { threadId } = first;
    const second = await manager.send({ id: "m2", text: "say a", threadId }, origin);
    if (!second.ok) throw new Error(second.message);
    expect(managers.counts()).toMatchObject({ running: 1, queued: 1 });
    expect(await manager.deleteThread(threadId as ThreadId, origin)).toBe(true);
    const cancels = audited.filter(({ action }) => action === "cancel");
    expect(cancels.map(({ detail, address }) => [detail?.runId, detail?.cause, address]).sort()).toEqual(
      [first.runId, second.runId].sort().map((runId) => [runId, "thread_deleted", "192.0.2.1"]),
    );
    expect(managers.counts()).toMatchObject({ runs: 0, running: 0, queued: 0 });
  });

  it("HC1, DR1: runs that are handed over are not counted as running, nor abandoned ones as queued", async () => {
    const { managers } = engineFixture();
    const manager = await managers.for(newId("user"));
    const first = await manager.send({ id: "m1", text: `say ${"word ".repeat(1000)}` }, nobody);
    if (!first.ok) throw new Error(first.message);
    await manager.send({ id: "m2", text: "say a", threadId: first.threadId }, nobody);
    expect(managers.counts()).toMatchObject({ running: 1, queued: 1 });
    const drained = managers.drain(0);
    managers.abandon();
    await drained;
    expect(managers.counts()).toMatchObject({ running: 0, queued: 0 });
  });

  it("AU4: messages are counted for their address over WebSocket and HTTP alike", async () => {
    const counted: string[] = [];
    const countMessage = async (address: string) =>
      counted.push(address) > 1
        ? ({ code: "rate_limited", message: "too many", retryAfterMs: 7 } as const)
        : undefined;
    const { managers } = engineFixture({ countMessage });
    const manager = await managers.for(newId("user"));
    const admitted = manager.admit();
    if (!admitted.ok) throw new Error(admitted.message);
    const transport = new HandTransport();
    const visitor = { view: viewOf(manager.user), session: null, address: "192.0.2.1" };
    const connection = admitted.place.connect(transport, visitor);
    connection.receive(JSON.stringify({ type: "hello", client: { name: "t", version: "1" } }));
    await turns(1);
    const overHttp = { connectionId: null, address: "192.0.2.1" };
    expect(await manager.send({ id: "m1", text: "say a" }, overHttp)).toMatchObject({ ok: true });
    connection.receive(JSON.stringify({ type: "send", id: "m2", text: "say a" }));
    await turns(5);
    const answer = transport.received.find((frame) => "id" in frame && frame.id === "m2");
    expect(answer).toMatchObject({ type: "refused", code: "rate_limited", retryAfterMs: 7 });
    expect(counted).toEqual(["192.0.2.1", "192.0.2.1"]);
  });

  it("MG3: a manager stays while a connection or a run is there, and goes when the idle time is over", async () => {
    const { managers } = engineFixture({ limits: { managerIdleMs: 0 } });
    const client = new HandClient(managers, newId("user"));
    await client.connect();
    client.say({ type: "send", id: "1", text: "say a b c d e f g h i j" });
    await turns(1);
    managers.sweep();
    expect(managers.counts().managers).toBe(1);
    client.drop();
    managers.sweep();
    expect(managers.counts()).toMatchObject({ managers: 1, connections: 0 });
    expect(managers.counts().runs).toBeGreaterThan(0);
    for (let left = 100; managers.counts().runs > 0 && left > 0; left--) await turns(5);
    managers.sweep();
    expect(managers.counts()).toEqual({ managers: 0, connections: 0, runs: 0, running: 0, queued: 0 });
  });

  it("MG5: N+1 simultaneous upgrades admit N; the refusal names limit, count and when to try again", async () => {
    const { managers } = engineFixture({ limits: { connections: 3 } });
    const manager = await managers.for(newId("user"));
    const admitted = [1, 2, 3, 4].map(() => manager.admit());
    expect(admitted.map(({ ok }) => ok)).toEqual([true, true, true, false]);
    expect(admitted[3]).toMatchObject({ code: "connection_limit", retryAfterMs: 5000 });
    expect(admitted[3]).toHaveProperty("message", expect.stringMatching(/"connections" is 3 .* 3 are open/));
    if (admitted[0]?.ok) admitted[0].place.release();
    const again = manager.admit();
    expect(again.ok).toBe(true);
    if (again.ok) {
      const connection = again.place.connect(new HandTransport(), {
        view: viewOf(manager.user),
        session: null,
      });
      expect(manager.admit().ok).toBe(false);
      connection.closed();
      expect(manager.admit().ok).toBe(true);
    }
  });

  it("MG5: a place is used once", async () => {
    const { managers } = engineFixture();
    const admitted = (await managers.for(newId("user"))).admit();
    if (!admitted.ok) throw new Error(admitted.message);
    admitted.place.release();
    expect(() => admitted.place.release()).toThrow(/used once/);
  });

  it("AU3: revoking closes what came by the session at once, with its code, and delivers nothing more to it", async () => {
    const { managers } = engineFixture();
    const user = newId("user");
    const manager = await managers.for(user);
    const sessions = [newId("session"), newId("session")] as [SessionId, SessionId];
    const transports = sessions.map((session) => {
      const transport = new HandTransport();
      const admitted = manager.admit();
      if (!admitted.ok) throw new Error(admitted.message);
      const connection = admitted.place.connect(transport, { view: viewOf(user), session });
      connection.receive(JSON.stringify({ type: "hello", client: { name: "t", version: "1" } }));
      return transport;
    });
    await turns(1);
    managers.revoke({ user, session: sessions[0], reason: "session_revoked" });
    await manager.createThread("after");
    expect(transports[0]?.closedWith).toBe(closeCodes.session_revoked);
    expect(transports[0]?.events).toEqual([]);
    expect(transports[1]?.events.map((event) => event.type)).toEqual(["thread_created"]);
    managers.revoke({ user, except: sessions[1], reason: "password_changed" });
    expect(transports[1]?.closedWith).toBeUndefined();
    managers.revoke({ user, reason: "user_disabled" });
    expect(transports[1]?.closedWith).toBe(closeCodes.user_disabled);
  });

  it("AU3: access that runs out closes the connection so that a fresh token lets it in again", async () => {
    const { managers } = engineFixture();
    const user = newId("user");
    const admitted = (await managers.for(user)).admit();
    if (!admitted.ok) throw new Error(admitted.message);
    const transport = new HandTransport();
    admitted.place.connect(transport, { view: viewOf(user), session: null, expiresAt: Date.now() - 1 });
    managers.sweep();
    expect(transport.closedWith).toBe(closeCodes.token_expired);
  });

  it("DR1: a drain tells each connection when to come back and lets no one in", async () => {
    const { managers } = engineFixture();
    const client = new HandClient(managers, newId("user"));
    await client.connect();
    await turns(1);
    await managers.drain(1000);
    expect(client.transport.received.at(-1)).toMatchObject({
      type: "going_away",
      reconnectAfterMs: expect.any(Number),
    });
    expect(client.transport.closedWith).toBe(closeCodes.going_away);
    await expect(managers.for(newId("user"))).rejects.toMatchObject({ code: "going_away" });
  });

  it("DR1: one whose place was taken before the drain and connects during it is told too", async () => {
    const { managers } = engineFixture();
    const user = newId("user");
    const manager = await managers.for(user);
    const places = [manager.admit(), manager.admit()].map((admitted) => {
      if (!admitted.ok) throw new Error(admitted.message);
      return admitted.place;
    });
    await managers.drain(1000);
    const [socket, stream] = [new HandTransport(), new HandTransport()];
    places[0]?.connect(socket, { view: viewOf(user), session: null });
    places[1]?.stream(stream, { view: viewOf(user), session: null });
    await turns(1);
    for (const transport of [socket, stream]) {
      expect(transport.received.at(-1)).toMatchObject({ type: "going_away" });
      expect(transport.closedWith).toBe(closeCodes.going_away);
    }
  });
});

describe("isolation", () => {
  it("IS2: another user's thread and run read exactly as ones that do not exist", async () => {
    const { managers } = engineFixture();
    const ada = await managers.for(newId("user"));
    const bob = await managers.for(newId("user"));
    const sent = await ada.send({ id: "1", text: "say a" }, nobody);
    if (!sent.ok) throw new Error(sent.message);
    const [thread, run] = [sent.threadId as ThreadId, sent.runId as RunId];
    const [noThread, noRun] = [newId("thread"), newId("run")];
    expect(await bob.getThread(thread)).toEqual(await bob.getThread(noThread));
    expect(await bob.run(run)).toEqual(await bob.run(noRun));
    expect(await bob.renameThread(thread, "mine")).toBeUndefined();
    expect(await bob.deleteThread(thread, nobody)).toBe(false);
    expect(await bob.cancel(run, nobody)).toEqual(await bob.cancel(noRun, nobody));
    expect(await bob.send({ id: "1", text: "hi", threadId: thread }, nobody)).toEqual(
      await bob.send({ id: "2", text: "hi", threadId: noThread }, nobody),
    );
    expect((await bob.listThreads()).threads).toEqual([]);
    expect((await ada.getThread(thread))?.title).not.toBe("mine");
  });

  it.each(["replay", "stream"])(
    "IS3: a record of another owner closes the connection instead of reaching it (%s)",
    async (way) => {
      const violations: string[][] = [];
      const fixture = engineFixture({
        limits: { tailEvents: 1 },
        observer: { isolationViolated: (...told) => violations.push(told) },
      });
      const [ada, bob] = [newId("user"), newId("user")];
      const secret = "the secret of bob";
      for (const user of [ada, bob]) {
        const manager = await fixture.managers.for(user);
        for (let count = 0; count < 20; count++) await manager.createThread(user === bob ? secret : "mine");
      }
      const read = fixture.eventLog.read;
      fixture.eventLog.read = (_owner, ...rest) => read(bob, ...rest);
      const { epoch } = await fixture.eventLog.head(ada);
      const transport = new HandTransport();
      const admitted = (await fixture.managers.for(ada)).admit();
      if (!admitted.ok) throw new Error(admitted.message);
      const visitor = { view: viewOf(ada), session: null };
      if (way === "stream") admitted.place.stream(transport, visitor, { epoch, seq: 0 });
      else {
        const hello = { type: "hello", client: { name: "t", version: "1" }, position: { epoch, seq: 0 } };
        admitted.place.connect(transport, visitor).receive(JSON.stringify(hello));
      }
      await turns(5);
      expect(JSON.stringify(transport.received)).not.toContain(secret);
      expect(transport.closedWith).toBe(closeCodes.isolation_violation);
      expect(violations).toEqual([[way === "stream" ? "event stream" : "connection", ada, bob]]);
    },
  );
});
