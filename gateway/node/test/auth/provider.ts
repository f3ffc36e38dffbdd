/** A company's identity provider on loopback: the real `oidc-provider`, in which signing in needs no typing. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
// @ts-expect-error: the package brings no types
import { Provider } from "oidc-provider";

export interface Person {
  readonly sub: string;
  readonly email?: string;
  readonly email_verified?: boolean;
  readonly name?: string;
}

export interface IdentityProvider {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Somebody who can sign in with a browser of the test's own: by `sub` and any password. */
  know(person: Person): void;
  /** Signs in as `person` with a browser that was sent to `location`, and gives the address it is sent back to. */
  signIn(location: string, person: Person): Promise<URL>;
  close(): Promise<void>;
}

/** `redirectUri` may be told later, when the gateway's address is known. */
export async function openProvider(redirectUri: () => string): Promise<IdentityProvider> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const people = new Map<string, Person>();
  const [clientId, clientSecret] = ["trueline", "a-client-secret-of-some-length"];
  let handle: ReturnType<Provider["callback"]> | undefined;
  server.on("request", (request, response) => {
    handle ??= providerFor(issuer, { clientId, clientSecret, redirectUri: redirectUri() }, people).callback();
    handle(request, response);
  });
  return {
    issuer,
    clientId,
    clientSecret,
    know: (person) => void people.set(person.sub, person),
    async signIn(location, person) {
      people.set(person.sub, person);
      const browser = createBrowser();
      let at = location;
      for (let step = 0; step < 12; step++) {
        if (at.startsWith(redirectUri())) return new URL(at);
        at = new URL((await browser.visit(at, person.sub)) ?? "", at).href;
      }
      throw new Error(`still at ${at}`);
    },
    close: () => closeServer(server),
  };
}

function providerFor(
  issuer: string,
  client: { clientId: string; clientSecret: string; redirectUri: string },
  people: ReadonlyMap<string, Person>,
) {
  return new Provider(issuer, {
    clients: [
      {
        client_id: client.clientId,
        client_secret: client.clientSecret,
        redirect_uris: [client.redirectUri],
        token_endpoint_auth_method: "client_secret_post",
      },
    ],
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
    ttl: { Interaction: 60, Session: 60, Grant: 60, AccessToken: 60, IdToken: 60 },
    pkce: { required: () => true },
    cookies: { keys: ["a key of the test"] },
    findAccount: (_context: unknown, sub: string) => ({
      accountId: sub,
      claims: () => people.get(sub) ?? { sub },
    }),
  });
}

/** Follows one redirect a visit, keeps cookies, and fills in the provider's own login and consent pages. */
function createBrowser() {
  const cookies = new Map<string, string>();
  const send = async (url: string, init: RequestInit = {}): Promise<Response> => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const response = await fetch(url, { ...init, redirect: "manual", headers: { ...init.headers, cookie } });
    for (const set of response.headers.getSetCookie()) {
      const [name = "", value = ""] = (set.split(";")[0] ?? "").split("=");
      cookies.set(name, value);
    }
    return response;
  };
  return {
    async visit(url: string, login: string): Promise<string | undefined> {
      const response = await send(url);
      if (response.status >= 300 && response.status < 400)
        return response.headers.get("location") ?? undefined;
      const page = await response.text();
      const action = /<form[^>]* action="([^"]+)"/.exec(page)?.[1];
      if (!action) throw new Error(`no form at ${url}: ${response.status} ${page.slice(0, 500)}`);
      const prompt = /name="prompt" value="(\w+)"/.exec(page)?.[1] ?? "login";
      const body = new URLSearchParams({ prompt, ...(prompt === "login" ? { login, password: "any" } : {}) });
      const posted = await send(new URL(action, url).href, { method: "POST", body });
      return posted.headers.get("location") ?? undefined;
    },
  };
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
