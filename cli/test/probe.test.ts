/** The verbs of the golden path as their users start them: processes, exit codes, one JSON document. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import type {
  AdminUsersResponse,
  ProbeReport,
  ProbesResponse,
  ServiceLevelsReport,
  SessionResponse,
  ThreadListResponse,
} from "@trueline/protocol";
import { afterAll, beforeAll, expect, it, vi } from "vitest";

/** Each verb is a process that reads the sources. */
vi.setConfig({ testTimeout: 90_000 });

const bin = fileURLToPath(new URL("../bin/trueline.js", import.meta.url));
const directory = mkdtempSync(join(tmpdir(), "trueline-cli-probe-"));
const alerts: { state: string; title: string }[] = [];
const hook = createServer(async (request, response) => {
  const body = await text(request);
  if (request.url === "/alerts") alerts.push(JSON.parse(body));
  response.end();
});
let up: ChildProcess;
let exited: Promise<unknown>;
let url: string;
let token: string;

beforeAll(async () => {
  await new Promise<void>((resolve) => hook.listen(0, "127.0.0.1", resolve));
  const config = "probe:\n  everySeconds: 0.5\n  webhooks: [{urlEnv: ALERT_URL}]\n";
  writeFileSync(join(directory, "trueline.config.yaml"), config);
  const env = {
    ...process.env,
    ALERT_URL: `http://127.0.0.1:${(hook.address() as AddressInfo).port}/alerts`,
  };
  const args = [bin, "up", "--demo", "--port", "0", "--data", "data", "--json"];
  up = spawn(process.execPath, args, { cwd: directory, env, stdio: ["ignore", "pipe", "inherit"] });
  exited = once(up, "exit");
  const [line] = await once(createInterface(up.stdout as NodeJS.ReadableStream), "line");
  url = JSON.parse(line).url;
  const account = { email: "ada@example.com", password: "trueline-demo" };
  token = (await call<SessionResponse>("POST", "/v1/auth/login", account)).accessToken;
});

afterAll(async () => {
  up.kill("SIGTERM");
  await exited;
  hook.close();
  rmSync(directory, { recursive: true, force: true });
});

async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  const headers = { "content-type": "application/json", authorization: `Bearer ${token}` };
  const response = await fetch(url + path, { method, headers, body: body ? JSON.stringify(body) : null });
  expect(response.status).toBeLessThan(300);
  return (await response.json()) as T;
}

async function trueline(...args: string[]) {
  const child = spawn(process.execPath, [bin, ...args], {
    cwd: directory,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "exit")]);
  return { out, err, code: code as number };
}

it("HC2: a gateway that holds is 0, with a verdict to read or one document", async () => {
  const read = await trueline("probe", url);
  expect(read.code).toBe(0);
  expect(read.out).toMatch(/^PASS {2}http:.* all 9 legs hold/);
  const { out, code } = await trueline("probe", url, "--json");
  expect(code).toBe(0);
  const report = JSON.parse(out) as ProbeReport;
  expect(report.outcome).toBe("pass");
  expect(report.legs[1]).toMatchObject({ name: "connect", ok: true, ms: expect.any(Number) });
});

it("HC2: what does not hold is 1, what cannot be told 3, wrong use 2", async () => {
  const broken = await trueline("probe", url, "--connect-budget", "0.001ms", "--json");
  expect(broken.code).toBe(1);
  expect(JSON.parse(broken.out)).toMatchObject({ outcome: "fail" });
  const hookUrl = `http://127.0.0.1:${(hook.address() as AddressInfo).port}`;
  const foreign = await trueline("probe", hookUrl);
  expect(foreign).toMatchObject({
    code: 3,
    out: expect.stringMatching(/^INCONCLUSIVE .*not a Trueline gateway/),
  });
  expect(await trueline("probe", "https://chat.example.com")).toMatchObject({
    code: 2,
    err: expect.stringContaining("give two users of chat.example.com"),
  });
  const one = await trueline("probe", url, "--email", "a@example.com", "--password", "x");
  expect(one).toMatchObject({ code: 2, err: expect.stringContaining("TRUELINE_PROBE_EMAIL_2") });
});

it("HC2: the gateway's own probe leaves a history, walks as users of its own, and tells a webhook once each", async () => {
  const walks = () => call<ProbesResponse>("GET", "/v1/admin/probes");
  const outcomeOfLast = async () => (await walks()).probes[0]?.outcome;
  await vi.waitFor(async () => expect(await outcomeOfLast()).toBe("pass"), {
    timeout: 20_000,
    interval: 100,
  });
  expect((await call<ThreadListResponse>("GET", "/v1/threads")).threads).toEqual([]);

  const { users } = await call<AdminUsersResponse>("GET", "/v1/admin/users");
  const prober = users.find(({ email }) => email === "probe-1@localhost");
  expect(prober?.name).toBe("Golden path probe");
  await call("POST", `/v1/admin/users/${prober?.id}/disable`);
  await vi.waitFor(async () => expect(await outcomeOfLast()).toBe("fail"), {
    timeout: 20_000,
    interval: 100,
  });
  await call("POST", `/v1/admin/users/${prober?.id}/enable`);
  await vi.waitFor(async () => expect(await outcomeOfLast()).toBe("pass"), {
    timeout: 20_000,
    interval: 100,
  });

  const ofWalks = () =>
    alerts.filter(({ title }) => title.startsWith("The golden path")).map(({ state }) => state);
  await vi.waitFor(() => expect(ofWalks().slice(0, 2)).toEqual(["firing", "resolved"]), {
    timeout: 20_000,
    interval: 100,
  });
});

it("HC3: the report of a period comes from what was recorded, over HTTP and from the data directory alike", async () => {
  const shown = await call<ServiceLevelsReport>("GET", "/v1/admin/service-levels");
  const { out, code } = await trueline("service-levels", "--data", "data", "--json");
  const report = JSON.parse(out) as ServiceLevelsReport;
  for (const { levels } of [shown, report]) {
    const probed = levels.find(({ name, source }) => name === "golden_path" && source === "probe");
    expect(probed).toMatchObject({ met: false, objective: 0.999 });
    expect(probed?.good).toBeGreaterThan(0);
    expect(probed?.bad).toBeGreaterThan(0);
    expect(probed?.alerts[0]?.firing).toBe(true);
  }
  expect(code).toBe(1);
  const read = await trueline("service-levels", "--data", "data");
  expect(read.out).toMatch(/MISSED +golden path +probe/);
  expect(read.out).toMatch(
    /page: golden_path \(probe\) burns its budget 14.4 times too fast over 60 minutes/,
  );
  expect(alerts.some(({ title }) => title.startsWith("page: golden path (probe)"))).toBe(true);

  const before = await trueline("service-levels", "--data", "data", "--to", "2020-01-01");
  expect(before).toMatchObject({ code: 3, out: expect.stringContaining("Nothing was recorded") });
});
