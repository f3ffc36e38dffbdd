/** What goes wrong beside and below the gateway: a clear error for the one concerned, nothing for anybody else. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@trueline/kit";
import { closeCodes } from "@trueline/protocol";
import { openSqliteStores, type SqliteStores } from "@trueline/stores";
import { expect, it, onTestFinished } from "vitest";
import { bob, clientOf, openGateway } from "../support/gateway.ts";
import { handAgent } from "../support/hand-agent.ts";
import type { TestSocket } from "../support/test-socket.ts";
import { ChildGateway } from "./support/child-gateway.ts";

function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "trueline-faults-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** Seqs of the events that a socket got, each of a merged one too. */
const seqsOf = (socket: TestSocket): readonly number[] =>
  socket.frames.flatMap(({ seq, firstSeq = seq }) =>
    seq === undefined ? [] : Array.from({ length: seq - firstSeq + 1 }, (_, index) => firstSeq + index),
  );

const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index + 1);

/** As a device without a free page says it: whatever needs one fails, what fits goes on. */
function fillDisk({ database: { handle } }: SqliteStores): () => void {
  const pages = handle.pragma("page_count", { simple: true });
  handle.pragma("wal_checkpoint(TRUNCATE)");
  handle.pragma(`max_page_count = ${pages}`);
  return () => void handle.pragma("max_page_count = 1073741823");
}

it("MG4: a full disk refuses new messages, ends or holds runs, and all goes on when there is space again", async () => {
  const stores = await openSqliteStores({ directory: temporaryDirectory() });
  const { agent, step } = handAgent();
  const { login, connect, call } = await openGateway({ agents: [agent], store: stores });
  const { accessToken } = await login();
  const tab = await connect(accessToken);
  tab.send({ type: "send", id: "m-1", text: "Go" });
  const first = await tab.next("ack");
  const answer = await step();
  answer.text("before ");
  await tab.next("text_delta");

  const free = fillDisk(stores);
  // Far more than there is room for in the pages that are there.
  const long = "x".repeat(90_000);
  tab.send({ type: "send", id: "m-2", text: long });
  const refused = await tab.next("refused", "ack");
  expect(refused).toMatchObject({ type: "refused", id: "m-2", code: "store_unavailable" });
  expect(refused.retryAfterMs).toBeGreaterThan(0);
  answer.text(long);
  answer.end();
  tab.send({ type: "ping", t: "still here" });
  await tab.next("pong");

  free();
  const end = await tab.next("agent_completed", "agent_failed");
  expect(end.runId).toBe(first.runId);
  if (end.type === "agent_failed")
    expect(end.data).toMatchObject({ code: "store_unavailable", retryable: true });
  tab.send({ type: "send", id: "m-2", text: long });
  const again = await tab.next("ack", "refused");
  expect(again).toMatchObject({ type: "ack", id: "m-2" });
  const second = await step();
  second.text("after");
  second.end();
  const completed = await tab.next("agent_completed");
  expect(completed).toMatchObject({ runId: again.runId, data: { text: "after" } });
  expect(seqsOf(tab)).toEqual(upTo(completed.seq));
  expect((await call("/readyz")).status).toBe(200);
});

it("MG4: a corrupt database ends the start with a sentence that names the file, and is left as it was", async () => {
  const gateway = new ChildGateway();
  onTestFinished(() => gateway.remove());
  const file = join(gateway.directory, "trueline.db");
  const garbage = Buffer.from("this is no database, and it was dear to somebody. ".repeat(500));
  writeFileSync(file, garbage);
  gateway.spawn();
  await expect(gateway.ready()).rejects.toThrow(`${file}: `);
  expect(gateway.output).toContain(
    "Move it away (with its -wal and -shm files) and put a backup in its place",
  );
  expect(gateway.isRunning).toBe(false);
  expect(readFileSync(file)).toEqual(garbage);
});

it("EV3: a clock that jumps back a day stops nothing: order, tickets, limits and runs go on", async () => {
  let behindMs = 0;
  const clock = { ...systemClock, now: () => Date.now() - behindMs };
  const { agent, step } = handAgent();
  const { login, connect } = await openGateway({ agents: [agent], clock, limits: { messagesPerMinute: 2 } });
  const { accessToken } = await login();
  const tab = await connect(accessToken);
  tab.send({ type: "send", id: "m-1", text: "Go" });
  const answer = await step();
  answer.text("before ");
  await tab.next("text_delta");

  behindMs = 24 * 60 * 60 * 1000;
  answer.text("after");
  answer.end();
  const completed = await tab.next("agent_completed");
  expect(completed.data).toMatchObject({ text: "before after" });
  expect(completed.data.durationMs).toBeGreaterThanOrEqual(0);
  // A second device gets in by a ticket of the earlier day and reads the log in its order.
  const { position } = tab.frames[0] as TestSocket["frames"][number];
  const other = await connect((await login()).accessToken, { position: { ...position, seq: 0 } });
  await other.next("agent_completed");
  expect(seqsOf(other)).toEqual(upTo(completed.seq));
  other.send({ type: "send", id: "m-2", text: "Again" });
  expect(await other.next("ack", "refused")).toMatchObject({ type: "ack" });
  (await step()).end();
  await other.next("agent_completed");
  // The minute of the limit is one of the clock that does not jump.
  other.send({ type: "send", id: "m-3", text: "Too many" });
  expect(await other.next("ack", "refused")).toMatchObject({ type: "refused", code: "rate_limited" });
});

it("AU3, RS1: a token that expires mid-run closes the socket token_expired, and a fresh one misses nothing", async () => {
  const { agent, step } = handAgent();
  const expiries = new Map<string, number>();
  let now = Date.now();
  const clock = { ...systemClock, now: () => now };
  const verify = (token: string | undefined) => {
    const expiresAt = expiries.get(token ?? "");
    return expiresAt === undefined ? undefined : { id: "team|7", expiresAt };
  };
  const { gateway, url } = await openGateway({ agents: [agent], accounts: { verify }, clock });
  const { connect, call } = clientOf(url);
  expiries.set("short", now + 60_000);
  const tab = await connect("short");
  tab.send({ type: "send", id: "m-1", text: "Go" });
  const { runId } = await tab.next("ack");
  const answer = await step();
  answer.text("before ");
  const delta = await tab.next("text_delta");

  now += 61_000;
  expect((await tab.closed).code).toBe(closeCodes.token_expired);
  expect((await call("/v1/threads", { token: "short" })).status).toBe(401);
  answer.text("meanwhile ");
  expect((await gateway.counts()).runs).toBe(1);
  expiries.set("fresh", now + 60_000);
  const { position } = tab.frames[0] as TestSocket["frames"][number];
  const again = await connect("fresh", { position: { ...position, seq: delta.seq } });
  answer.text("after");
  answer.end();
  const completed = await again.next("agent_completed");
  expect(completed).toMatchObject({ runId, data: { text: "before meanwhile after" } });
  expect([...seqsOf(tab), ...seqsOf(again)]).toEqual(upTo(completed.seq));
});

it("BP1: a user is not slowed by another whose device stopped reading in the middle of a run", async () => {
  const { agent, step } = handAgent();
  const { login, connect } = await openGateway({ agents: [agent] });
  const stalled = await connect((await login()).accessToken);
  const other = await connect((await login(bob)).accessToken);
  stalled.send({ type: "send", id: "m-1", text: "Go" });
  const flood = await step();
  stalled.ws.pause();
  other.send({ type: "send", id: "m-1", text: "Go" });
  const answer = await step();
  const long = "x".repeat(64 * 1024);
  for (let piece = 0; piece < 200; piece++) {
    flood.text(long);
    answer.text(`${piece} `);
    // Each piece of the other's arrives while the flood goes on.
    await other.next("text_delta");
  }
  answer.end();
  flood.end();
  await other.next("agent_completed");
  stalled.ws.resume();
  const completed = await stalled.next("agent_completed");
  expect(completed.data.text.length).toBe(200 * long.length);
});
