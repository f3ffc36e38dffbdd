/** A restart or deploy: nobody loses anything, and everybody knows when to come back (DR1). */
import { closeCodes } from "@trueline/protocol";
import { expect, it } from "vitest";
import { openEvents } from "./support/event-source.ts";
import { openGateway } from "./support/gateway.ts";
import { handAgent } from "./support/hand-agent.ts";
import { TestSocket } from "./support/test-socket.ts";

it("DR1: while it drains it is not ready, lets nobody in and tells the connected when to come back", async () => {
  const { agent, step } = handAgent();
  const { gateway, url, call, login, connect, ticket } = await openGateway({ agents: [agent] });
  const token = (await login()).accessToken;
  const tab = await connect(token);
  const events = await openEvents(url, token);
  const unused = await ticket(token);
  tab.send({ type: "send", id: "m-1", text: "Go" });
  const { runId } = await tab.next("ack");
  const answer = await step();
  expect((await call("/readyz")).status).toBe(200);

  const drained = gateway.drain();
  const goingAway = await tab.next("going_away");
  expect(goingAway.reconnectAfterMs).toBeGreaterThanOrEqual(0);
  expect((await tab.closed).code).toBe(closeCodes.going_away);
  expect((await events.next("going_away")).frame.reconnectAfterMs).toBeGreaterThanOrEqual(0);
  await events.ended;
  const readiness = await call<{ ready: boolean; checks: Record<string, { ok: boolean }> }>("/readyz");
  expect([readiness.status, readiness.body.ready]).toEqual([503, false]);
  expect(readiness.body.checks).toMatchObject({ draining: { ok: false }, store: { ok: true } });
  const refused = await TestSocket.refused(`${url.replace("http", "ws")}/v1/ws?ticket=${unused}`);
  expect([refused.status, refused.body.error.code]).toEqual([503, "going_away"]);

  answer.text("done");
  answer.end();
  await drained;
  expect(runId).toBeTruthy();
});

it("DR1, RN3: what the grace time cuts off is taken over at the next start, and its user misses nothing", async () => {
  const { agent, step } = handAgent();
  const before = await openGateway({ agents: [agent], limits: { drainGraceMs: 20 } });
  const { accessToken } = await before.login();
  const tab = await before.connect(accessToken);
  tab.send({ type: "send", id: "m-1", text: "Go" });
  const { threadId } = await tab.next("ack");
  const cutOff = await step();
  cutOff.text("begun ");
  const delta = await tab.next("text_delta");
  const { position } = tab.came("welcome");
  await before.gateway.close();
  await tab.closed;
  // Stopped before the store was closed: it did not meet a store that fails.
  expect(cutOff.signal.aborted).toBe(true);

  const { directory } = before;
  const after = await openGateway({ agents: [agent], store: { directory } });
  const again = await after.connect(accessToken, { position: { ...position, seq: delta.seq } });
  const second = await step();
  second.text("ended");
  second.end();
  const completed = await again.next("agent_completed");
  expect(completed).toMatchObject({ threadId, data: { text: "begun ended" } });
  await after.gateway.close();
});

it("DR1: a gateway that was closed leaves no handle behind", async () => {
  const { gateway, login, connect } = await openGateway();
  const tab = await connect((await login()).accessToken);
  const closing = gateway.close();
  await tab.closed;
  await closing;
  await gateway.close();
});
