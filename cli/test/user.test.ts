/** `trueline user` and `trueline audit`, with and without a gateway on the same data. */
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, it } from "vitest";
import { temporaryDirectory, trueline, up } from "./support/command.ts";

async function json(args: readonly string[], input?: string) {
  const { code, stdout, stderr } = await trueline([...args, "--json"], input === undefined ? {} : { input });
  return { code, stderr, document: stdout === "" ? undefined : JSON.parse(stdout) };
}

it("AU1: users are added, listed, disabled, enabled and given passwords", async () => {
  const data = ["--data", join(temporaryDirectory(), "data")];
  const added = await json(["user", "add", "eve@example.com", "--name", "Eve", "--administrator", ...data]);
  expect(added.document).toMatchObject({
    user: { email: "eve@example.com", name: "Eve", role: "administrator" },
  });
  expect(added.document.password.length).toBeGreaterThan(15);
  const given = await json(
    ["user", "add", "mallory@example.com", "--password-stdin", ...data],
    "a good password\n",
  );
  expect(given.document).not.toHaveProperty("password");
  expect((await json(["user", "disable", "mallory@example.com", ...data])).document.user.disabled).toBe(true);

  const { users } = (await json(["user", "list", ...data])).document;
  const seen = users.map(
    ({ email, disabled }: { email: string; disabled: boolean }) => `${email} ${disabled}`,
  );
  expect(seen.sort()).toEqual(["eve@example.com false", "mallory@example.com true"]);
  expect((await json(["user", "enable", "mallory@example.com", ...data])).document.user.disabled).toBe(false);
  expect((await json(["user", "password", "eve@example.com", ...data])).document.password).toBeTruthy();
  const text = await trueline(["user", "list", ...data]);
  expect(text.stdout).toMatch(/^e-mail +name +role/);
});

it("AU1: what cannot be done is refused with a sentence", async () => {
  const data = ["--data", join(temporaryDirectory(), "data")];
  expect(await json(["user", "list", ...data])).toMatchObject({
    code: 3,
    stderr: expect.stringContaining("no data"),
  });
  await json(["user", "add", "eve@example.com", ...data]);
  expect(await json(["user", "add", "EVE@example.com", ...data])).toMatchObject({
    code: 3,
    stderr: expect.stringContaining("there is a user"),
  });
  expect((await json(["user", "add", "not an address", ...data])).code).toBe(2);
  expect((await json(["user", "disable", "nobody@example.com", ...data])).code).toBe(3);
  expect((await json(["user", "password", "eve@example.com", "--password", "short", ...data])).code).toBe(2);
});

it("AU3: a user disabled from the command line is thrown out of the gateway that runs on the data", async () => {
  const data = temporaryDirectory();
  const gateway = await up(["--demo", "--data", data]);
  const login = await fetch(`${gateway.url}/v1/auth/login`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ email: "bob@example.com", password: "trueline-demo" }),
  });
  const { accessToken } = await login.json();
  const headers = { authorization: `Bearer ${accessToken}` };
  const { ticket } = await (await fetch(`${gateway.url}/v1/auth/ticket`, { method: "POST", headers })).json();
  const socket = new WebSocket(`${gateway.url.replace("http", "ws")}/v1/ws?ticket=${ticket}`, "trueline.v1");
  const closed = new Promise((resolve) => socket.addEventListener("close", ({ code }) => resolve(code)));
  await new Promise((resolve) => socket.addEventListener("open", resolve));
  socket.send(JSON.stringify({ type: "hello", client: { name: "t", version: "1" } }));
  expect((await json(["user", "disable", "bob@example.com", "--data", data])).code).toBe(0);
  expect(await closed).toBe(4102);
});

it("IS5: audit verify passes on a whole chain and names the first broken entry", async () => {
  const directory = join(temporaryDirectory(), "data");
  const data = ["--data", directory];
  for (const name of ["a", "b", "c"]) await json(["user", "add", `${name}@example.com`, ...data]);
  const whole = await json(["audit", "verify", ...data]);
  expect([whole.code, whole.document]).toMatchObject([0, { ok: true, count: 3 }]);

  const database = new DatabaseSync(join(directory, "trueline.db"));
  // Whoever can write the file can also take away what forbids it; the chain shows it all the same.
  database.exec("DROP TRIGGER audit_entries_do_not_change");
  database.prepare("UPDATE audit_entries SET action = 'login' WHERE seq = 2").run();
  database.close();
  const broken = await json(["audit", "verify", ...data]);
  expect([broken.code, broken.document]).toMatchObject([1, { ok: false, seq: 2 }]);
});

it("IS5: audit verify says after which entry one is missing, and that all are", async () => {
  const directory = join(temporaryDirectory(), "data");
  const data = ["--data", directory];
  for (const name of ["a", "b", "c"]) await json(["user", "add", `${name}@example.com`, ...data]);
  const change = (sql: string): void => {
    const database = new DatabaseSync(join(directory, "trueline.db"));
    database.exec(sql);
    database.close();
  };
  change("DROP TRIGGER audit_entries_stay; DELETE FROM audit_entries WHERE seq = 2");
  const missing = await json(["audit", "verify", ...data]);
  expect([missing.code, missing.document]).toMatchObject([
    1,
    { seq: 2, message: expect.stringMatching(/^entry 2 is missing \(after entry 1: .* was created, /) },
  ]);
  for (const [table, what] of [
    ["audit_entries", /all entries are missing/],
    ["audit_anchor", /the anchor .* is missing/],
  ] as const) {
    change(`DROP TABLE ${table}`);
    const gone = await trueline(["audit", "verify", ...data]);
    expect([gone.code, gone.stderr]).toEqual([1, ""]);
    expect(gone.stdout).toMatch(what);
  }
});
