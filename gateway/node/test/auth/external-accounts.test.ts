import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from "jose";
import { afterEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { type OpenGateway, openGateway } from "./auth-fixture.ts";

const issuer = "https://id.company.example";
const audience = "trueline";

let gateway: OpenGateway | undefined;
let server: Server | undefined;
afterEach(async () => {
  await gateway?.close();
  await new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)));
  gateway = server = undefined;
});

async function openTeam(roleClaim?: string) {
  const { privateKey, publicKey } = await generateKeyPair("EdDSA", { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), kid: "k1", alg: "EdDSA" };
  server = createServer((_request, response) => response.end(JSON.stringify({ keys: [jwk] })));
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  const jwksUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`;
  gateway = await openGateway({
    accounts: { jwksUrl, issuer, audience, ...(roleClaim ? { roleClaim } : {}) },
  });
  const token = (claims: JWTPayload, key = privateKey) =>
    new SignJWT({
      iss: issuer,
      aud: audience,
      sub: "team|7",
      exp: Math.floor(Date.now() / 1000) + 60,
      ...claims,
    })
      .setProtectedHeader({ alg: "EdDSA", kid: "k1" })
      .sign(key);
  return { ...gateway, token };
}

describe("accounts of a team's own, by their keys", () => {
  it("AU6: a token that their keys signed is its subject, until it expires", async () => {
    const { call, token } = await openTeam("groups");
    const exp = Math.floor(Date.now() / 1000) + 60;
    const me = await call("/v1/auth/me", {
      token: await token({ exp, email: "eva@company.example", name: "Eva", groups: ["administrator"] }),
    });
    expect(me.body).toEqual({
      user: { id: "team|7", email: "eva@company.example", name: "Eva", role: "administrator" },
      // Five seconds are granted for clocks that differ.
      expiresAt: new Date((exp + 5) * 1000).toISOString(),
    });
    expect((await call("/v1/threads", { token: await token({}) })).status).toBe(200);
  });

  it("AU6: a role is believed only in the claim that was named for it", async () => {
    const { call, token } = await openTeam();
    const given = await token({ role: "administrator", groups: ["administrator"] });
    expect((await call("/v1/auth/me", { token: given })).body).toMatchObject({ user: { role: "user" } });
    expect((await call("/v1/admin/audit", { token: given })).status).toBe(403);
  });

  it("AU6: one of other keys, for another service, from another issuer, expired or nameless is refused", async () => {
    const { call, token } = await openTeam();
    const { privateKey: other } = await generateKeyPair("EdDSA");
    const bad = [
      await token({}, other),
      await token({ aud: "another" }),
      await token({ iss: "https://elsewhere.example" }),
      await token({ exp: Math.floor(Date.now() / 1000) - 60 }),
      await token({ sub: "" }),
      "garbage",
    ];
    for (const given of bad) {
      expect(await call("/v1/auth/me", { token: given })).toMatchObject({ status: 401 });
    }
  });

  it("AU6: there is no signing in with a password here", async () => {
    const { call } = await openTeam();
    const answer = await call("/v1/auth/login", {
      body: { email: "ada@example.com", password: "trueline-demo" },
    });
    expect(answer.status).toBeGreaterThanOrEqual(404);
  });

  it("AU6: a ticket works with them too, and the socket is closed token_expired when the token is over", async () => {
    const { call, token, url, clock } = await openTeam();
    const given = await token({});
    const { body } = await call<{ ticket: string }>("/v1/auth/ticket", { method: "POST", token: given });
    const socket = new WebSocket(`${url.replace("http", "ws")}/v1/ws?ticket=${body.ticket}`, "trueline.v1");
    const closed = new Promise((resolve) => socket.on("close", resolve));
    await new Promise((resolve, reject) => socket.on("open", resolve).on("error", reject));
    clock.advance(66_000);
    expect(await closed).toBe(4100);
  });
});
