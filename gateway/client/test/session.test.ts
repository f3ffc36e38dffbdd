import { afterEach, describe, expect, it, vi } from "vitest";
import { browserStorage, memoryStorage, type SessionStorage, type StoredSession } from "../src/index.ts";
import { newClient, signedIn, startGateway, until } from "./harness.ts";

/** What tabs of one browser share: a storage, word of each other's writes, and a lock. */
function sharedStorage() {
  let stored: StoredSession | undefined;
  let lock: Promise<unknown> = Promise.resolve();
  const watchers = new Set<() => void>();
  const tab = (): SessionStorage => {
    let own: (() => void) | undefined;
    return {
      read: () => stored,
      write(session) {
        stored = session;
        for (const watcher of watchers) if (watcher !== own) queueMicrotask(watcher);
      },
      watch(onChange) {
        own = onChange;
        watchers.add(onChange);
        return () => void watchers.delete(onChange);
      },
      exclusively(act) {
        const turn = lock.then(act);
        lock = turn.catch(() => undefined);
        return turn;
      },
    };
  };
  return { tab };
}

describe("session", () => {
  it("AU1: many calls with a token that ran out make one refresh", async () => {
    const { gateway, url } = await startGateway();
    const client = await signedIn(url);
    gateway.expireAccess();
    await Promise.all([client.threads.list(), client.agents(), client.threads.list(), client.agents()]);
    expect(gateway.refreshes).toBe(1);
  });

  it("AU1: two tabs that refresh at the same time do not sign each other out", async () => {
    const { gateway, url } = await startGateway();
    const { tab } = sharedStorage();
    const first = await signedIn(url, { session: tab() });
    const second = newClient(url, { session: tab() });
    await second.online();
    gateway.expireAccess();
    await Promise.all([first.agents(), second.agents(), first.threads.list(), second.threads.list()]);
    expect(gateway.refreshes).toBe(1);
    expect([first.state.state, second.state.state]).toEqual(["online", "online"]);
  });

  it("AU1: signing in or out in one tab is seen in the other", async () => {
    const { url } = await startGateway();
    const { tab } = sharedStorage();
    const first = newClient(url, { session: tab() });
    const second = newClient(url, { session: tab() });
    await first.login("ada@example.com", "secret");
    await until(second, ({ state }) => state === "online");
    await second.logout();
    expect(await until(first, ({ state }) => state === "signed_out")).toMatchObject({
      reason: "signed out in another tab",
    });
    await second.login("bob@example.com", "secret");
    await until(first, ({ state }) => state === "online");
    expect(first.user?.name).toBe("bob");
  });

  it("AU3: tokens that live shorter than they are used are renewed without being noticed", async () => {
    const { gateway, url } = await startGateway();
    gateway.expiresIn = 1;
    const client = await signedIn(url);
    await client.agents();
    await client.agents();
    expect(gateway.refreshes).toBeGreaterThan(0);
    expect(client.state.state).toBe("online");
  });

  it("AU1: signing out ends the session at the server though the access token ran out", async () => {
    const { gateway, url } = await startGateway();
    const session = memoryStorage();
    const client = await signedIn(url, { session });
    const before = session.read();
    gateway.expireAccess();
    await client.logout();
    expect(session.read()).toBeUndefined();
    const stolen = newClient(url, { session: memoryStorage(before) });
    await until(stolen, ({ state }) => state === "signed_out");
  });

  it("UI3: a refresh that fails on the way is not a sign-out", async () => {
    const { gateway, url } = await startGateway();
    const session = memoryStorage();
    let broken = false;
    const client = await signedIn(url, {
      session,
      fetch: (input, init) => (broken ? Promise.reject(new TypeError("network down")) : fetch(input, init)),
    });
    broken = true;
    gateway.expireAccess();
    await expect(client.agents()).rejects.toMatchObject({ name: "ClientError", code: "network" });
    broken = false;
    await client.agents();
    expect(client.user?.name).toBe("ada");
  });
});

describe("browserStorage", () => {
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  it("UI3: keeps a session in localStorage, refreshes under a Web Lock, and takes rubbish for signed out", async () => {
    const items = new Map<string, string>();
    vi.stubGlobal("localStorage", {
      getItem: (key: string) => items.get(key) ?? null,
      setItem: (key: string, value: string) => items.set(key, value),
      removeItem: (key: string) => items.delete(key),
    });
    const locked: string[] = [];
    vi.stubGlobal("navigator", {
      locks: {
        request: (name: string, act: () => Promise<unknown>) => {
          locked.push(name);
          return act();
        },
      },
    });
    const { user } = (await startGateway()).gateway.account("ada@example.com");
    const session = { accessToken: "a", refreshToken: "r", expiresAt: 1, user };
    const storage = browserStorage("key");
    storage.write(session);
    expect(browserStorage("key").read()).toEqual(session);
    expect(await storage.exclusively?.(async () => "done")).toBe("done");
    expect(locked).toEqual(["key"]);
    items.set("key", "{not json");
    expect(storage.read()).toBeUndefined();
    items.set("key", '{"accessToken":1}');
    expect(storage.read()).toBeUndefined();
    storage.write(undefined);
    expect(items.size).toBe(0);
    vi.stubGlobal("navigator", {});
    expect(await storage.exclusively?.(async () => "without a lock")).toBe("without a lock");
  });
});
