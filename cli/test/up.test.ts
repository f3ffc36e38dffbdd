/** `trueline up` as a process: what it prints, whom it refuses, how it ends. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { watch } from "node:fs";
import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { text } from "node:stream/consumers";
import { expect, it, onTestFinished } from "vitest";
import { launcher, temporaryDirectory, trueline, up } from "./support/command.ts";

const login = (url: string, email: string, password: string): Promise<Response> =>
  fetch(`${url}/v1/auth/login`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ email, password }),
  });

/** A client that was let in and never answers the close: it keeps a drain waiting. */
async function mute(url: string, accessToken: string): Promise<void> {
  const { hostname, port, host } = new URL(url);
  const socket = connect(Number(port), hostname);
  onTestFinished(() => void socket.destroy());
  const headers = [
    "Upgrade: websocket",
    "Connection: Upgrade",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
  ];
  socket.write(
    `GET /v1/ws HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${accessToken}\r\n${headers.join("\r\n")}\r\n\r\n`,
  );
  const [answer] = await once(socket, "data");
  expect(String(answer)).toMatch(/^HTTP\/1\.1 101/);
}

it("CL1: up --demo --json prints one line when it is ready, serves the demo users, and ends with 0 on SIGTERM", async () => {
  const gateway = await up(["--demo"]);
  expect(gateway.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect(gateway.pid).toBe(gateway.child.pid);
  for (const email of ["ada@example.com", "bob@example.com"])
    expect((await login(gateway.url, email, "trueline-demo")).status).toBe(200);
  let more = "";
  gateway.child.stdout?.on("data", (chunk) => {
    more += chunk;
  });
  gateway.signal("SIGTERM");
  expect(await gateway.ended).toBe(0);
  expect(more).toBe("");
});

it("DR1: SIGINT drains too, and two at once are one act of a terminal", async () => {
  const gateway = await up(["--demo"]);
  gateway.signal("SIGINT");
  gateway.signal("SIGINT");
  expect(await gateway.ended).toBe(0);
});

it("DR1: a second signal ends at once what the first lets finish", async () => {
  const gateway = await up(["--demo"]);
  const { accessToken } = await (await login(gateway.url, "ada@example.com", "trueline-demo")).json();
  await mute(gateway.url, accessToken);
  gateway.signal("SIGTERM");
  let code: number | null | undefined;
  void gateway.ended.then((ended) => {
    code = ended;
  });
  // Sent until it counts as a second act.
  while (code === undefined) {
    gateway.signal("SIGTERM");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  expect(code).toBe(143);
});

it("AU1: the first start makes one administrator and shows the password once", async () => {
  const data = temporaryDirectory();
  const first = await up(["--data", data]);
  const shown = /^\s+(\S+@\S+)\s+(\S+)$/m.exec(first.said());
  expect((await login(first.url, shown?.[1] ?? "", shown?.[2] ?? "")).status).toBe(200);
  first.signal("SIGTERM");
  await first.ended;

  const second = await up(["--data", data]);
  expect(second.said()).not.toContain("password");
  expect((await login(second.url, shown?.[1] ?? "", shown?.[2] ?? "")).status).toBe(200);
  expect((await login(second.url, "ada@example.com", "trueline-demo")).status).toBe(401);
});

it("AU1: the demo is refused where others have accounts, and what it left is no way in without it", async () => {
  const data = temporaryDirectory();
  const demo = await up(["--demo", "--data", data]);
  demo.signal("SIGTERM");
  await demo.ended;
  const real = await up(["--data", data]);
  expect(real.said()).toContain("ada@example.com");
  expect((await login(real.url, "ada@example.com", "trueline-demo")).status).toBe(401);
  real.signal("SIGTERM");
  await real.ended;
  const refused = await trueline(["up", "--demo", "--port", "0", "--data", data]);
  expect([refused.code, refused.stdout]).toEqual([3, ""]);
  expect(refused.stderr).toContain("admin@localhost");
});

it("CL1: a second process on the same data is refused by name", async () => {
  const data = temporaryDirectory();
  const first = await up(["--demo", "--data", data]);
  const second = await trueline(["up", "--demo", "--json", "--port", "0", "--data", data]);
  expect(second.code).toBe(3);
  expect(second.stdout).toBe("");
  expect(second.stderr).toContain(`in use by process ${first.pid}`);
  expect(second.stderr).toContain("--data");
});

it("CL1: a port in use is a sentence, and leaves the data free", async () => {
  const data = temporaryDirectory();
  const server = createServer();
  onTestFinished(() => void server.close());
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  const refused = await trueline(["up", "--demo", "--port", String(port), "--data", data]);
  expect(refused.code).toBe(3);
  expect(refused.stderr).toContain(`port ${port} on 127.0.0.1 is in use`);
  expect(refused.stderr).not.toContain("draining");
  const next = await up(["--demo", "--data", data]);
  expect((await fetch(`${next.url}/readyz`)).status).toBe(200);
});

it("AU1: a start that cannot have its port spends no administrator's password", async () => {
  const data = temporaryDirectory();
  const other = await up(["--demo"]);
  const refused = await trueline(["up", "--port", new URL(other.url).port, "--data", data]);
  expect([refused.code, refused.stdout]).toEqual([3, ""]);
  expect((await up(["--data", data])).said()).toContain("password");
});

it("DR1: SIGTERM before it is ready ends with 0", async () => {
  const cwd = temporaryDirectory();
  const begun = new Promise((resolve) => {
    const watcher = watch(cwd, resolve);
    onTestFinished(() => watcher.close());
  });
  const child = spawn(process.execPath, [launcher, "up", "--json", "--port", "0"], {
    cwd,
    env: { PATH: process.env.PATH },
    stdio: ["ignore", "pipe", "ignore"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const ended = once(child, "close");
  await begun;
  child.kill("SIGTERM");
  expect([await text(child.stdout), ...(await ended)]).toEqual(["", 0, null]);
});

it("AU1: the demo is refused on a host that is not loopback", async () => {
  const refused = await trueline(["up", "--demo", "--host", "0.0.0.0", "--json"]);
  expect([refused.code, refused.stdout]).toEqual([2, ""]);
  expect(refused.stderr).toContain("loopback");
});

it("CL1: every mistake of the configuration is listed before anything starts", async () => {
  const refused = await trueline(["up", "--port", "many"], { environment: { TRUELINE_LIMITS_STEPS: "0" } });
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain("2 mistakes");
  expect(refused.stderr).toContain("--port: ");
  expect(refused.stderr).toContain("TRUELINE_LIMITS_STEPS: ");
});

it("CL1: a data directory that cannot be written is named", async () => {
  for (const data of ["/dev/null/data", "/proc/trueline/data"]) {
    const refused = await trueline(["up", "--demo", "--port", "0", "--data", data]);
    expect([refused.code, refused.stdout]).toEqual([3, ""]);
    expect(refused.stderr).toContain(data);
    expect(refused.stderr).not.toContain("    at ");
  }
});

it("CL1: wrong use of the command line ends with 2 and says what there is", async () => {
  for (const args of [["nothing"], ["up", "--nothing"], ["user", "add"]]) {
    const refused = await trueline(args);
    expect([args, refused.code]).toEqual([args, 2]);
    expect(refused.stderr).not.toBe("");
  }
  const help = await trueline(["--help"]);
  expect([help.code, help.stdout]).toEqual([0, expect.stringContaining("up ")]);
});
