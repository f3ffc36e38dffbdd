/** Access that ends closes its sockets, whichever process ended it (AU3). */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { closeCodes } from "@trueline/protocol";
import type { Accounts } from "@trueline/server";
import { openSqliteStores } from "@trueline/stores";
import { expect, it, onTestFinished } from "vitest";
import { openAdministration } from "../src/administration.ts";
import { ada, bob, openGateway, type TestGateway } from "./support/gateway.ts";
import { TestSocket } from "./support/test-socket.ts";

async function otherProcess(directory: string) {
  const administration = await openAdministration({ directory, create: false });
  if (!administration) throw new Error("there is no data");
  return administration;
}

const byCommandLine = { by: "command_line", address: null } as const;

it("AU3: signing out closes the sockets of that session and of no other", async () => {
  const { call, login, connect } = await openGateway();
  const [one, two] = [await login(), await login()];
  const [tab, phone] = [await connect(one.accessToken), await connect(two.accessToken)];
  await call("/v1/auth/logout", { token: one.accessToken, method: "POST" });
  expect((await tab.closed).code).toBe(closeCodes.session_revoked);
  phone.send({ type: "ping", t: 1 });
  await phone.next("pong");
});

it("AU3: a user disabled by another process is thrown out and gets nothing replayed", async () => {
  const { directory, call, login, connect } = await openGateway({ access: { revocationPollMs: 20 } });
  const session = await login(bob);
  const [tab, hers] = [await connect(session.accessToken), await connect((await login(ada)).accessToken)];
  const desk = await otherProcess(directory);
  await desk.users.setDisabled(session.user.id as never, true, byCommandLine);
  await desk.close();

  expect((await tab.closed).code).toBe(closeCodes.user_disabled);
  expect((await call("/v1/auth/ticket", { token: session.accessToken, method: "POST" })).status).toBe(401);
  expect((await call("/v1/auth/refresh", { body: { refreshToken: session.refreshToken } })).status).toBe(401);
  expect((await call("/v1/auth/login", { body: bob })).status).toBe(401);
  hers.send({ type: "ping", t: 1 });
  await hers.next("pong");
});

it("AU3: a password changed by another process closes the user's sockets", async () => {
  const { directory, login, connect } = await openGateway({ access: { revocationPollMs: 20 } });
  const session = await login(bob);
  const tab = await connect(session.accessToken);
  const desk = await otherProcess(directory);
  await desk.users.setPassword(session.user.id as never, "another-password", byCommandLine);
  await desk.close();
  expect((await tab.closed).code).toBe(closeCodes.password_changed);
  expect((await login({ ...bob, password: "another-password" })).user.id).toBe(session.user.id);
});

it("AU3: nothing is delivered to a socket whose access has ended", async () => {
  const { call, login, connect } = await openGateway();
  const [one, two] = [await login(), await login()];
  const tab = await connect(one.accessToken);
  await call("/v1/auth/logout", { token: one.accessToken, method: "POST" });
  await call("/v1/threads", { token: two.accessToken, body: { title: "after" } });
  await tab.closed;
  expect(tab.frames.map(({ type }) => type)).toEqual(["welcome"]);
});

it("AU3: an access token expires in the middle of a session, and the socket does not notice", async () => {
  const { call, login, connect, ...rest }: TestGateway = await openGateway({
    access: { accessTokenSeconds: 1 },
  });
  const session = await login();
  const tab = await connect(session.accessToken);
  while ((await call("/v1/threads", { token: session.accessToken })).status === 200);
  tab.send({ type: "send", id: "m-1", text: "What is 6*7?" });
  await tab.next("agent_completed");
  expect(rest.lines.join()).not.toContain("token_expired");
});

it("AU3: access that ends between the ticket's check and the open socket closes it all the same", async () => {
  const directory = mkdtempSync(join(tmpdir(), "trueline-race-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const stores = await openSqliteStores({ directory });
  let afterFinding: (() => Promise<unknown>) | undefined;
  const accounts: Accounts = {
    ...stores.accounts,
    async findSession(id) {
      const found = await stores.accounts.findSession(id);
      const act = afterFinding;
      afterFinding = undefined;
      await act?.();
      return found;
    },
  };
  const { url, call, login, ticket } = await openGateway({ store: { ...stores, accounts } });
  const { accessToken: token } = await login();
  const spent = await ticket(token);
  // What the upgrade found out about the session is old by the time the socket stands.
  afterFinding = () => call("/v1/auth/logout", { token, method: "POST" });
  const tab = await TestSocket.open(`${url.replace("http", "ws")}/v1/ws?ticket=${spent}`);
  expect((await tab.closed).code).toBe(closeCodes.session_revoked);
});
