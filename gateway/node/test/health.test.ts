/** What health, readiness and metrics say is measured (HC1). */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createHandClock } from "@trueline/server/testing";
import { openSqliteStores } from "@trueline/stores";
import { expect, it, onTestFinished } from "vitest";
import type { Stores } from "../src/options.ts";
import { bob, openGateway } from "./support/gateway.ts";

interface Readiness {
  readonly ready: boolean;
  readonly checks: Record<string, { readonly ok: boolean; readonly detail: string }>;
}

/** A store whose disk can fail and be well again: SQLite itself refuses to write meanwhile. */
async function storeThatCanFail(): Promise<{ stores: Stores; fail(): void; heal(): void }> {
  const directory = mkdtempSync(join(tmpdir(), "trueline-disk-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const stores = await openSqliteStores({ directory });
  const { handle } = stores.database;
  return {
    stores,
    fail() {
      handle.pragma("query_only = ON");
    },
    heal() {
      handle.pragma("query_only = OFF");
    },
  };
}

it("HC1: /healthz measures the process, /readyz writes to the store", async () => {
  const { call } = await openGateway();
  const health = await call<{ ok: boolean; rssBytes: number; eventLoopP99Ms: number }>("/healthz");
  expect(health.status).toBe(200);
  expect(health.body.rssBytes).toBeGreaterThan(1_000_000);
  const { status, body } = await call<Readiness>("/readyz");
  expect([status, body.ready]).toEqual([200, true]);
  expect(body.checks.store?.detail).toMatch(/^written in \d/);
});

it("HC1: /healthz is not ok while commits fail for longer than 30 s and the store cannot be written, and is well again by itself", async () => {
  const clock = createHandClock();
  const { stores, fail, heal } = await storeThatCanFail();
  const { call, login } = await openGateway({ store: stores, clock });
  const token = (await login()).accessToken;
  // The log alone fails at first: commits that the store refuses, with everything else well.
  const { append } = stores.eventLog;
  stores.eventLog.append = () => Promise.reject(new Error("disk I/O error"));
  await call("/v1/threads", { token, body: {} });
  const live = async () => {
    const { status, body } = await call<{ ok: boolean; checks: Readiness["checks"] }>("/healthz");
    return [status, body.ok, body.checks.eventLog];
  };
  clock.advance(31_000);
  expect(await live()).toEqual([200, true, { ok: true, detail: "commits fail for 31 s" }]);
  fail();
  await expect.poll(live).toEqual([503, false, { ok: false, detail: "commits fail for 31 s" }]);
  heal();
  await expect.poll(live).toEqual([200, true, { ok: true, detail: "commits fail for 31 s" }]);
  stores.eventLog.append = append;
  await call("/v1/threads", { token, body: {} });
  await expect.poll(live).toEqual([200, true, { ok: true, detail: "the last commit succeeded" }]);
});

it("HC1, MG4: a store that cannot be written makes it unready, refuses sends by name, and is well again by itself", async () => {
  const { stores, fail, heal } = await storeThatCanFail();
  const { call, login, connect } = await openGateway({ store: stores });
  const { accessToken } = await login();
  const tab = await connect(accessToken);
  fail();
  const unready = await call<Readiness>("/readyz");
  expect([unready.status, unready.body.checks.store?.ok]).toEqual([503, false]);
  tab.send({ type: "send", id: "m-1", text: "What is 6*7?" });
  expect(await tab.next("refused", "ack")).toMatchObject({
    id: "m-1",
    type: "refused",
    code: "store_unavailable",
  });
  const overHttp = await call("/v1/threads", { token: accessToken, body: { title: "x" } });
  expect([overHttp.status, overHttp.body.error.code]).toEqual([503, "store_unavailable"]);

  heal();
  tab.send({ type: "send", id: "m-1", text: "What is 6*7?" });
  expect(await tab.next("refused", "ack")).toMatchObject({ id: "m-1", type: "ack" });
  await tab.next("agent_completed");
});

it("HC1, IS3: metrics count what happened, isolation violations from 0", async () => {
  const { call, login, connect } = await openGateway();
  const tab = await connect((await login()).accessToken);
  tab.send({ type: "send", id: "m-1", text: "What is 6*7?" });
  await tab.next("agent_completed");
  const { body, headers } = await call<string>("/metrics");
  expect(headers.get("content-type")).toContain("text/plain");
  const value = (name: string) => Number(new RegExp(`^trueline_${name} (\\S+)$`, "m").exec(body)?.[1]);
  expect(value("isolation_violations_total")).toBe(0);
  expect(value('connections{kind="ws"}')).toBe(1);
  expect(value('runs_total{agent="offline",state="completed",code=""}')).toBe(1);
  expect(value('events_appended_total{type="agent_completed"}')).toBe(1);
  expect(value("events_delivered_total")).toBeGreaterThan(5);
  expect(value("added_latency_seconds_count")).toBe(1);
  expect(body).toContain("nodejs_eventloop_lag_seconds");
});

it("HC1: from elsewhere metrics need the token or an administrator", async () => {
  // Behind a proxy every caller has the address that the proxy saw.
  const { call, login } = await openGateway({ trustedProxies: 1, metricsToken: "scrape-me" });
  const headers = { "x-forwarded-for": "203.0.113.9" };
  const status = async (token?: string) =>
    (await call("/metrics", { headers, ...(token === undefined ? {} : { token }) })).status;
  expect(await status()).toBe(401);
  expect(await status("wrong")).toBe(401);
  expect(await status((await login(bob)).accessToken)).toBe(403);
  expect(await status("scrape-me")).toBe(200);
  expect(await status((await login()).accessToken)).toBe(200);
});

it("HC1: what a proxy on this machine brings is not from this machine, also when no proxy is configured", async () => {
  const { call } = await openGateway();
  for (const name of ["x-forwarded-for", "forwarded"])
    expect((await call("/metrics", { headers: { [name]: "for=203.0.113.9" } })).status).toBe(401);
  expect((await call("/metrics")).status).toBe(200);
});

it("HC3, UI2: the overview has the numbers of the metrics, for administrators only", async () => {
  const { call, login, connect } = await openGateway();
  const { accessToken } = await login();
  const tab = await connect(accessToken);
  tab.send({ type: "send", id: "m-1", text: "What is 6*7?" });
  await tab.next("agent_completed");
  const { status, body } = await call("/v1/admin/overview", { token: accessToken });
  expect(status).toBe(200);
  expect(body).toMatchObject({
    connections: { ws: 1, sse: 0 },
    runs: { completed: 1, running: 0 },
    isolationViolations: 0,
    latencies: { firstText: { count: 1 }, added: { count: 1 } },
  });
  expect((await call("/v1/admin/overview", { token: (await login(bob)).accessToken })).status).toBe(403);
});

it("HC2, HC3, IS5: a walk that was reported is in the history and in the audit log, and counts for the service levels", async () => {
  const { call, login } = await openGateway();
  const token = (await login()).accessToken;
  const walk = {
    outcome: "pass",
    message: "all hold",
    url: "http://x",
    at: new Date().toISOString(),
    durationMs: 5,
  };
  const legs = [{ name: "login", ms: 1, ok: true }];
  expect((await call("/v1/admin/probes", { token, body: { ...walk, legs } })).status).toBe(204);
  const { body: audit } = await call<{ entries: { detail: object }[] }>(
    "/v1/admin/audit?action=probe_recorded",
    { token },
  );
  expect(audit.entries.map(({ detail }) => detail)).toEqual([{ outcome: "pass" }]);
  expect((await call("/v1/admin/probes", { token })).body).toEqual({ probes: [{ ...walk, legs }] });
  const { body } = await call<{ levels: { name: string; source: string; good: number }[] }>(
    "/v1/admin/service-levels",
    { token },
  );
  const golden = body.levels.find(({ name, source }) => name === "golden_path" && source === "probe");
  expect(golden?.good).toBe(1);
});
