/** Closing: what is under way is answered before the store goes (DR1). */
import { once } from "node:events";
import { type ClientRequest, createServer, type IncomingMessage, request } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it } from "vitest";
import { ada, clientOf, openGateway } from "./support/gateway.ts";

/** A login of which the server has everything but the last byte. */
async function heldOpen({
  url,
}: {
  readonly url: string;
}): Promise<{ request: ClientRequest; rest: string }> {
  const body = JSON.stringify(ada);
  const headers = {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(body),
    expect: "100-continue",
  };
  const held = request(`${url}/v1/auth/login`, { method: "POST", headers });
  held.flushHeaders();
  // Node says "continue" just before it gives the request on: from here on it is under way.
  await once(held, "continue");
  held.write(body.slice(0, -1));
  return { request: held, rest: body.slice(-1) };
}

async function answerOf(held: ClientRequest): Promise<{ status: number | undefined; body: string }> {
  const [response] = (await once(held, "response")) as [IncomingMessage];
  let body = "";
  for await (const chunk of response) body += chunk;
  return { status: response.statusCode, body };
}

it("DR1: a request that is under way is answered in full before the store is closed", async () => {
  const node = await openGateway();
  const held = await heldOpen(node);
  const answer = answerOf(held.request);
  let isClosed = false;
  const closing = node.gateway.close().then(() => {
    isClosed = true;
  });
  await node.gateway.drain();
  // More turns than closing takes without it.
  for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate);
  expect(isClosed).toBe(false);
  held.request.end(held.rest);
  const { status, body } = await answer;
  expect([status, JSON.parse(body).user?.email]).toEqual([200, ada.email]);
  await closing;
  expect(node.lines.filter((line) => line.includes("connection is not open"))).toEqual([]);
});

it("DR1, AU6: what comes to a team's own server while the gateway closes is refused, and told to come back", async () => {
  const { gateway } = await openGateway();
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  gateway.attach(server);
  const node = clientOf(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const held = await heldOpen(node);
  const answer = answerOf(held.request);
  const closing = gateway.close();
  await gateway.drain();
  await expect.poll(async () => (await node.call("/v1/info")).status).toBe(503);
  const { headers, body } = await node.call("/v1/info");
  expect([body.error.code, headers.get("connection")]).toEqual(["going_away", "close"]);
  held.request.end(held.rest);
  expect((await answer).status).toBe(200);
  await closing;
  server.close();
});
