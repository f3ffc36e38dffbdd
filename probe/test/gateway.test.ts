/** The probe against the real gateway, in a process of its own. */

import { createProbe } from "@trueline/probe";
import type { SessionResponse, ThreadListResponse } from "@trueline/protocol";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type GatewayProcess, spawnGateway } from "./support/gateway-process.ts";

/** The machine may be busy. */
const budgets = { connectMs: 20_000, firstEventMs: 20_000 };

let gateway: GatewayProcess;
beforeAll(async () => {
  gateway = await spawnGateway();
});
afterAll(() => gateway.stop());

it("HC2: a gateway just started passes, with the demo's users that nobody had to give", async () => {
  const report = await createProbe({ url: gateway.url, budgets }).run();
  expect(report.message).toBe("all 9 legs hold");
  expect(report.outcome).toBe("pass");
});

it("HC2: several probes with the same accounts do not take one another for a fault", async () => {
  const reports = await Promise.all([1, 2, 3].map(() => createProbe({ url: gateway.url, budgets }).run()));
  expect(reports.map(({ message }) => message)).toEqual(Array(3).fill("all 9 legs hold"));
});

it("HC2: a walk leaves no thread behind", async () => {
  await createProbe({ url: gateway.url, budgets }).run();
  const headers = { "content-type": "application/json" };
  const body = JSON.stringify({ email: "ada@example.com", password: "trueline-demo" });
  const login = await fetch(`${gateway.url}/v1/auth/login`, { method: "POST", headers, body });
  const { accessToken } = (await login.json()) as SessionResponse;
  const list = await fetch(`${gateway.url}/v1/threads`, {
    headers: { authorization: `Bearer ${accessToken}` },
  });
  expect(((await list.json()) as ThreadListResponse).threads).toEqual([]);
});

it("HC2: a gateway that is stopped in the middle of a walk is no pass, and the walk ends", async () => {
  const doomed = await spawnGateway();
  const walking = createProbe({ url: doomed.url }).run();
  await doomed.stop();
  expect((await walking).outcome).not.toBe("pass");
});
