/** Signing in at a company's identity provider, in a real browser against a real gateway and a real provider. */
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createGateway, type Gateway } from "@trueline/gateway";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type IdentityProvider, openProvider } from "../../node/test/auth/provider.ts";
import { browserTests, launch, visit } from "./support/browser.ts";
import { field } from "./support/pages.ts";

const eva = { sub: "eva", email: "eva@company.example", email_verified: true, name: "Eva" };
const ignore = () => undefined;
const silent = { debug: ignore, info: ignore, warn: ignore, error: ignore };

describe.runIf(browserTests === "run")("the sign-in page with an identity provider", () => {
  const directory = mkdtempSync(join(tmpdir(), "trueline-web-"));
  let browser: Browser;
  let provider: IdentityProvider;
  let server: Server;
  let gateway: Gateway;
  let url: string;

  beforeAll(async () => {
    server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    provider = await openProvider(() => `${url}/v1/auth/oidc/callback`);
    provider.know(eva);
    const { issuer, clientId, clientSecret } = provider;
    const oidc = { issuer, clientId, clientSecret, publicUrl: url, name: "Company Login" };
    gateway = createGateway({
      accounts: { demo: true, oidc },
      store: { directory },
      pages: true,
      log: silent,
    });
    gateway.attach(server);
    [browser] = await Promise.all([launch(), gateway.ready]);
  });
  afterAll(async () => {
    await browser?.close();
    await gateway?.close();
    await provider?.close();
    server?.closeAllConnections();
    server?.close();
    rmSync(directory, { recursive: true });
  });

  it("AU1, UI1: continues with the provider, and comes back signed in, also after a reload", async () => {
    const { page, context, complaints } = await visit(browser);
    await page.goto(url);
    await page.getByRole("link", { name: "Continue with Company Login" }).click();
    await page.locator("input[name=login]").fill(eva.sub);
    await page.locator("input[name=password]").fill("any");
    await page.locator("button[type=submit]").click();
    await page.getByRole("button", { name: "Continue" }).click();
    await field(page).waitFor();
    expect(page.url()).toBe(`${url}/#/`);
    await page.reload();
    await field(page).waitFor();
    await page.getByText(eva.email).or(page.getByText("Eva")).first().waitFor();
    expect(complaints).toEqual([]);
    await context.close();
  });

  it("AU1, UI1: who is refused reads why, once; words of somebody else's are not shown", async () => {
    const { page, context } = await visit(browser);
    const alert = page.getByRole("alert");
    await page.goto(`${url}/#sign-in-refused=forbidden`);
    await alert.getByText("This account may not sign in here.").waitFor();
    expect(page.url()).toBe(`${url}/#/`);
    await page.reload();
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    expect(await alert.count()).toBe(0);

    await page.goto("about:blank");
    await page.goto(`${url}/#sign-in-refused=Call%20this%20number`);
    await alert.getByText("The sign-in did not work.").waitFor();
    await page.goto("about:blank");
    // Nobody came back from the provider in this browser.
    await page.goto(`${url}/#signed-in`);
    await alert.getByText("The sign-in was not completed, or took too long.").waitFor();
    await context.close();
  });
});
