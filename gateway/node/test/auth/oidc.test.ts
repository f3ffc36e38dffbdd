import type { AdminUserView, SessionResponse } from "@trueline/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { OidcOptions } from "../../src/auth/oidc.ts";
import { type OpenGateway, openGateway } from "./auth-fixture.ts";
import { type IdentityProvider, openProvider, type Person } from "./provider.ts";

const eva: Person = { sub: "eva-1", email: "eva@company.example", email_verified: true, name: "Eva" };
const publicUrl = "http://trueline.test";
const callbackPath = "/v1/auth/oidc/callback";

let provider: IdentityProvider;
let gateway: OpenGateway;
beforeEach(async () => {
  provider = await openProvider(() => publicUrl + callbackPath);
});
afterEach(async () => {
  await gateway.close();
  await provider.close();
});

async function start(options: Partial<OidcOptions> = {}): Promise<OpenGateway> {
  const { issuer, clientId, clientSecret } = provider;
  gateway = await openGateway({
    accounts: { demo: true, oidc: { issuer, clientId, clientSecret, publicUrl, ...options } },
  });
  return gateway;
}

const cookieOf = (headers: Headers, name: string): string =>
  headers.getSetCookie().find((cookie) => cookie.startsWith(`${name}=`)) ?? "";
const sent = (cookie: string): string => cookie.split(";")[0] ?? "";

/** As far as the provider's answer: the address it sends the browser to, and the cookie the browser holds. */
async function atCallback(person: Person): Promise<{ url: URL; cookie: string }> {
  const begun = await gateway.call("/v1/auth/oidc/start");
  expect(begun.status).toBe(303);
  const url = await provider.signIn(begun.headers.get("location") ?? "", person);
  return { url, cookie: sent(cookieOf(begun.headers, "trueline_oidc_flow")) };
}

const finish = ({ url, cookie }: { url: URL; cookie: string }) =>
  gateway.call(url.pathname + url.search, { headers: { cookie } });

async function signIn(person: Person) {
  const finished = await finish(await atCallback(person));
  const cookie = sent(cookieOf(finished.headers, "trueline_oidc_session"));
  const open = () =>
    gateway.call<SessionResponse>("/v1/auth/oidc/session", { method: "POST", headers: { cookie } });
  return { finished, open, location: finished.headers.get("location") };
}

describe("signing in at an identity provider", () => {
  it("AU1: makes an account for somebody new, and the same one the next time, whatever the e-mail is by then", async () => {
    await start();
    const first = await (await signIn(eva)).open();
    expect(first).toMatchObject({
      status: 200,
      body: { user: { email: eva.email, name: "Eva", role: "user" } },
    });
    const me = await gateway.call<{ user: object }>("/v1/auth/me", { token: first.body.accessToken });
    expect(me.body.user).toEqual(first.body.user);
    const renamed = await (await signIn({ ...eva, email: "eva.new@company.example" })).open();
    expect(renamed.body.user).toEqual(first.body.user);
  });

  it.each([
    [{}, "127.0.0.1"],
    [{ name: "Company Login" }, "Company Login"],
  ])("AU1: the page is told that there is one, and by what name (%o)", async (options, name) => {
    await start(options);
    const info = await gateway.call("/v1/info");
    expect(info.body).toMatchObject({ passwordLogin: true, identityProvider: { name } });
  });

  it("AU2: no token and no code of ours is in an address; the cookie is for one route, no script, once, and 60 s", async () => {
    await start();
    const { finished, open, location } = await signIn(eva);
    expect(location).toBe("/#signed-in");
    expect(cookieOf(finished.headers, "trueline_oidc_session")).toMatch(
      /^trueline_oidc_session=[\w-]{43}; Path=\/v1\/auth\/oidc\/session; Max-Age=60; HttpOnly; SameSite=Strict$/,
    );
    const [one, two] = await Promise.all([open(), open()]);
    expect([one.status, two.status].sort()).toEqual([200, 401]);
    const late = await signIn(eva);
    gateway.clock.advance(60_000);
    expect((await late.open()).status).toBe(401);
    expect((await gateway.call("/v1/auth/oidc/session", { method: "POST" })).status).toBe(401);
  });

  it("AU1: an answer is taken only by the browser that asked, once, with the state and code that belong to it", async () => {
    await start();
    const refused = async (given: { url: URL; cookie: string }) =>
      (await finish(given)).headers.get("location") === "/#sign-in-refused=unauthorized";
    const mine = await atCallback(eva);
    expect(await refused({ ...mine, cookie: "" })).toBe(true);
    const other = await atCallback({ sub: "eve" });
    expect(await refused({ url: mine.url, cookie: other.cookie })).toBe(true);
    const wrongState = new URL(mine.url);
    wrongState.searchParams.set("state", "x");
    expect(await refused({ ...mine, url: wrongState })).toBe(true);
    // That took the flow: a second try with the right state comes too late.
    expect(await refused(mine)).toBe(true);
    const good = await atCallback(eva);
    expect(await refused(good)).toBe(false);
    expect(await refused(good)).toBe(true);
    expect(gateway.lines.join("\n")).not.toContain(good.url.searchParams.get("code"));
  });

  it("AU1: an e-mail never leads into an account: neither one that is verified nor one that is not", async () => {
    await start();
    for (const verified of [true, false]) {
      const taken = { sub: `thief-${verified}`, email: "ada@example.com", email_verified: verified };
      expect((await signIn(taken)).location).toBe("/#sign-in-refused=forbidden");
    }
    expect((await signIn({ sub: "new", email: "new@company.example" })).location).toBe(
      "/#sign-in-refused=forbidden",
    );
    const { accessToken: token } = await gateway.login("ada@example.com");
    const { body } = await gateway.call<{ users: AdminUserView[] }>("/v1/admin/users", { token });
    expect(body.users.map(({ email }) => email).sort()).toEqual(["ada@example.com", "bob@example.com"]);
  });

  it("AU1: a provider whose addresses are trusted need not say that they are verified; sign-up can be turned off", async () => {
    await start({ trustEmail: true });
    expect((await signIn({ sub: "new", email: "new@company.example" })).location).toBe("/#signed-in");
    await gateway.close();
    await start({ signUp: false });
    expect((await signIn(eva)).location).toBe("/#sign-in-refused=forbidden");
  });

  it("AU3: somebody who is disabled does not get in, not even between the provider and the page", async () => {
    await start();
    const { body } = await (await signIn(eva)).open();
    const { accessToken: token } = await gateway.login("ada@example.com");
    const between = await signIn(eva);
    await gateway.call(`/v1/admin/users/${body.user.id}/disable`, { method: "POST", token });
    expect((await between.open()).status).toBe(401);
    expect((await signIn(eva)).location).toBe("/#sign-in-refused=forbidden");
    expect((await gateway.call("/v1/auth/me", { token: body.accessToken })).status).toBe(401);
  });

  it("AU1: a provider that is away is said to be, and is tried afresh", async () => {
    await start({ issuer: "http://127.0.0.1:1" });
    const answer = await gateway.call("/v1/auth/oidc/start");
    expect(answer).toMatchObject({ status: 502, body: { error: { code: "identity_provider_failed" } } });
    const followed = await gateway.call("/v1/auth/oidc/start", {
      headers: { accept: "text/html,*/*;q=0.8" },
    });
    expect([followed.status, followed.headers.get("location")]).toEqual([
      303,
      "/#sign-in-refused=identity_provider_failed",
    ]);
  });
});
