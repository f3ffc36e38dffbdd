import { Window } from "happy-dom";
import type { ReactNode } from "react";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { type Client, conversationsOf } from "../src/index.ts";
import {
  type Sending,
  type ThreadState,
  TruelineProvider,
  useConnection,
  useSend,
  useThread,
  useThreads,
  useUser,
} from "../src/react.ts";
import { newClient, signedIn, startGateway, until } from "./harness.ts";
import { runOf } from "./model.ts";

// For the whole file: React finishes its work after a test is over.
const window = new Window();
vi.stubGlobal("window", window);
vi.stubGlobal("document", window.document);
vi.stubGlobal("addEventListener", window.addEventListener.bind(window));
vi.stubGlobal("removeEventListener", window.removeEventListener.bind(window));

/** A page, and what its components saw at their last rendering. */
function openPage(client: Client, children: (page: Page) => ReactNode): Page {
  const page = new Page();
  const root = createRoot(window.document.createElement("div") as unknown as Element);
  onTestFinished(() => root.unmount());
  root.render(<TruelineProvider client={client}>{children(page)}</TruelineProvider>);
  return page;
}

class Page {
  readonly renders = new Map<string, number>();
  readonly #waiting = new Set<() => void>();

  rendered(name: string): void {
    this.renders.set(name, (this.renders.get(name) ?? 0) + 1);
    for (const look of [...this.#waiting]) queueMicrotask(look);
  }

  /** Resolves at the rendering after which it is so. */
  shows(wanted: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (!wanted()) return;
        this.#waiting.delete(look);
        resolve();
      };
      this.#waiting.add(look);
      look();
    });
  }
}

interface Seen {
  thread?: ThreadState;
  threads?: ReturnType<typeof useThreads>;
  state?: string;
  user?: string | undefined;
  sending?: Sending;
}

function Thread({
  id,
  page,
  seen,
  name = "thread",
}: {
  id: string | undefined;
  page: Page;
  seen: Seen;
  name?: string;
}) {
  seen.thread = useThread(id);
  page.rendered(name);
  return null;
}
function List({ page, seen }: { page: Page; seen: Seen }) {
  seen.threads = useThreads();
  page.rendered("list");
  return null;
}
function Bar({ page, seen }: { page: Page; seen: Seen }) {
  seen.state = useConnection().state;
  seen.user = useUser()?.name;
  seen.sending = useSend();
  page.rendered("bar");
  return null;
}

const email = "ada@example.com";
const ids = { threadId: "t", runId: "r", messageId: "m", id: "c" };
const created = { type: "thread_created", threadId: "t", runId: null, data: { title: "first" } } as const;
const ready = (seen: Seen) => (seen.thread?.status === "ready" ? seen.thread : undefined);

describe("react", () => {
  it("UI3: a thread is loaded and then follows its events, in StrictMode too", async () => {
    const { gateway, url } = await startGateway();
    const { model } = gateway.account(email);
    const [accepted, started, thinking, ...rest] = runOf(ids, "hello there");
    model.append(created, ...[accepted, started, thinking].filter((draft) => draft !== undefined));
    const client = await signedIn(url);
    const seen: Seen = {};
    const page = openPage(client, (page) => (
      <StrictMode>
        <Thread id="t" page={page} seen={seen} />
        <List page={page} seen={seen} />
      </StrictMode>
    ));
    await page.shows(() => ready(seen) !== undefined && seen.threads?.status === "ready");
    expect(ready(seen)).toMatchObject({ stale: false, active: { id: "r", text: "" }, queue: [] });
    for (const draft of rest.slice(0, 2)) model.append(draft);
    await page.shows(() => ready(seen)?.active?.text === "You said: ");
    for (const draft of rest.slice(2)) model.append(draft);
    await page.shows(() => ready(seen)?.active === undefined);
    expect(ready(seen)?.messages.map(({ text }) => text)).toEqual(["hello there", "You said: hello there"]);
    expect(ready(seen)?.runs).toMatchObject([{ state: "completed", parts: [{ kind: "text" }] }]);
  });

  it("UI3: of a thread that was made while the page was there, its first opening shows what no snapshot holds", async () => {
    const { gateway, url } = await startGateway();
    const { model } = gateway.account(email);
    const client = await signedIn(url);
    const list: Seen = {};
    const listPage = openPage(client, (page) => <List page={page} seen={list} />);
    await listPage.shows(() => list.threads?.status === "ready" && client.state.state === "online");
    const [accepted, started] = runOf(ids, "hello there");
    const thought = {
      type: "agent_thinking",
      threadId: "t",
      runId: "r",
      data: { step: 1, text: "Hm." },
    } as const;
    model.append(created, ...[accepted, started].filter((draft) => draft !== undefined), thought);
    await listPage.shows(() => list.threads?.status === "ready" && list.threads.threads.length === 1);

    const seen: Seen = {};
    const page = openPage(client, (page) => <Thread id="t" page={page} seen={seen} />);
    await page.shows(() => ready(seen) !== undefined);
    expect(ready(seen)?.thread.title).toBe("first");
    expect(ready(seen)?.active?.parts).toEqual([{ kind: "thinking", step: 1, text: "Hm." }]);
  });

  it("UI3: a thread that streams renders neither the list nor another thread, and once for what comes together", async () => {
    const { gateway, url } = await startGateway();
    const { model } = gateway.account(email);
    const [accepted, started, ...rest] = runOf(ids, "one two three four five six");
    model.append(created, { ...created, threadId: "u" });
    if (accepted && started) model.append(accepted, started);
    const client = await signedIn(url);
    const [seen, other]: [Seen, Seen] = [{}, {}];
    const page = openPage(client, (page) => (
      <>
        <Thread id="t" page={page} seen={seen} />
        <Thread id="u" page={page} seen={other} name="other" />
        <List page={page} seen={seen} />
      </>
    ));
    await page.shows(() => Boolean(ready(seen) && ready(other) && seen.threads?.status === "ready"));
    const before = new Map(page.renders);
    const onChange = vi.fn();
    conversationsOf(client).subscribe(onChange);
    const deltas = rest.filter(({ type }) => type === "text_delta");
    model.append(...deltas);
    await page.shows(() => ready(seen)?.active?.text === "You said: one two three four five six");
    expect(page.renders.get("other")).toBe(before.get("other"));
    expect(page.renders.get("list")).toBe(before.get("list"));
    expect(page.renders.get("thread")).toBe((before.get("thread") ?? 0) + 1);
    expect(onChange).toHaveBeenCalledTimes(1);
  });

  it("UI3: after a reset everything shown is loaded again, and stays on the page meanwhile", async () => {
    const { gateway, url } = await startGateway();
    const { model } = gateway.account(email);
    model.append(created);
    const client = await signedIn(url);
    const seen: Seen = {};
    const page = openPage(client, (page) => (
      <>
        <Thread id="t" page={page} seen={seen} />
        <List page={page} seen={seen} />
      </>
    ));
    await page.shows(() => ready(seen) !== undefined);
    gateway.reset = "too_old";
    for (const { ws } of gateway.connections) ws.terminate();
    await until(client, ({ state }) => state === "waiting");
    model.append({ type: "thread_renamed", threadId: "t", runId: null, data: { title: "missed" } });
    const statuses: (string | undefined)[] = [];
    await page.shows(() => {
      statuses.push(seen.thread?.status);
      return (
        ready(seen)?.thread.title === "missed" && seen.threads?.status === "ready" && !seen.threads.stale
      );
    });
    expect(new Set(statuses)).toEqual(new Set(["ready"]));
    expect(seen.threads).toMatchObject({ threads: [{ title: "missed" }] });
  });

  it("UI3: how a run failed is shown though it was over before the page came", async () => {
    const { gateway, url } = await startGateway();
    const { model } = gateway.account(email);
    const [accepted, started] = runOf(ids, "hello");
    const failure = { code: "model_error", message: "The model failed.", retryable: true };
    model.append(created);
    if (accepted && started) model.append(accepted, started);
    model.append({ type: "text_delta", threadId: "t", runId: "r", data: { text: "Half" } });
    const partial = { messageId: "half", text: "Half" };
    model.append({ type: "agent_failed", threadId: "t", runId: "r", data: { ...failure, partial } });
    const client = await signedIn(url);
    const seen: Seen = {};
    const page = openPage(client, (page) => <Thread id="t" page={page} seen={seen} />);
    await page.shows(() => ready(seen)?.runs.length === 1);
    expect(ready(seen)?.runs).toMatchObject([{ state: "failed", failure }]);
    expect(ready(seen)?.messages.at(-1)).toMatchObject({ id: "half", text: "Half", cutOff: "failed" });
  });

  it("UI3: a thread that is not there, and one that is deleted while it is looked at, say so", async () => {
    const { gateway, url } = await startGateway();
    const { model } = gateway.account(email);
    model.append(created);
    const client = await signedIn(url);
    const [seen, none, absent]: [Seen, Seen, Seen] = [{}, {}, {}];
    const page = openPage(client, (page) => (
      <>
        <Thread id="t" page={page} seen={seen} />
        <Thread id={undefined} page={page} seen={none} />
        <Thread id="of-somebody-else" page={page} seen={absent} />
      </>
    ));
    await page.shows(() => ready(seen) !== undefined && absent.thread?.status === "deleted");
    expect(none.thread).toEqual({ status: "none" });
    model.append({ type: "thread_deleted", threadId: "t", runId: null, data: {} });
    await page.shows(() => seen.thread?.status === "deleted");
  });

  it("UI3: sending shows what waits and what was refused", async () => {
    const { gateway, url } = await startGateway();
    const client = newClient(url);
    const seen: Seen = {};
    const page = openPage(client, (page) => <Bar page={page} seen={seen} />);
    await page.shows(() => seen.state === "signed_out");
    await client.login(email, "secret");
    await page.shows(() => seen.state === "online" && seen.user === "ada");
    gateway.refuse = () => ({ code: "run_limit", message: "5 of 5 runs at once." });
    await expect(seen.sending?.send("hello")).rejects.toMatchObject({ code: "run_limit" });
    await page.shows(() => seen.sending?.unsent[0]?.error?.message === "5 of 5 runs at once.");
    const [unsent] = seen.sending?.unsent ?? [];
    gateway.refuse = () => undefined;
    await seen.sending?.send("hello", { id: unsent?.id ?? "" });
    await page.shows(() => seen.sending?.unsent.length === 0);
    expect(gateway.runs).toBe(1);
  });

  it("IS1: nothing of one user is on the page of the next", async () => {
    const { gateway, url } = await startGateway();
    gateway.account(email).model.append(created);
    gateway.account("bob@example.com").model.append({ ...created, threadId: "b", data: { title: "of bob" } });
    const client = await signedIn(url);
    const seen: Seen = {};
    const page = openPage(client, (page) => (
      <>
        <List page={page} seen={seen} />
        <Thread id="t" page={page} seen={seen} />
      </>
    ));
    await page.shows(() => ready(seen) !== undefined && seen.threads?.status === "ready");
    await client.logout();
    await page.shows(() => seen.threads?.status === "loading" && seen.thread?.status === "loading");
    await client.login("bob@example.com", "secret");
    await page.shows(() => seen.threads?.status === "ready" && seen.thread?.status === "deleted");
    expect(seen.threads).toMatchObject({ threads: [{ title: "of bob" }] });
  });

  it("AU3: who has to sign in again in the middle goes on where the page was, live", async () => {
    const { gateway, url } = await startGateway();
    const { model } = gateway.account(email);
    model.append(created);
    const client = await signedIn(url);
    const seen: Seen = {};
    const page = openPage(client, (page) => <Thread id="t" page={page} seen={seen} />);
    await page.shows(() => ready(seen) !== undefined);
    gateway.revokeSessions();
    for (const { ws } of gateway.connections) ws.terminate();
    await until(client, ({ state }) => state === "signed_out");
    model.append({ type: "thread_renamed", threadId: "t", runId: null, data: { title: "while signed out" } });
    await client.login(email, "secret");
    await page.shows(() => ready(seen)?.thread.title === "while signed out");
    model.append({ type: "thread_renamed", threadId: "t", runId: null, data: { title: "live" } });
    await page.shows(() => ready(seen)?.thread.title === "live");
  });
});
