/** A whole gateway on loopback with its demo users, and what a client of it does over HTTP. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createGateway, type GatewayOptions } from "@trueline/gateway";
import type { ErrorBody, SessionResponse } from "@trueline/protocol";
import { createHandClock } from "@trueline/server/testing";

export const password = "trueline-demo";

export interface Answer<Body> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
}

export async function openGateway(options: Omit<GatewayOptions, "store" | "log"> = {}) {
  const directory = mkdtempSync(join(tmpdir(), "trueline-auth-"));
  const clock = createHandClock(Date.now());
  const lines: string[] = [];
  const write = (fields: object, message: string) => void lines.push(`${message} ${JSON.stringify(fields)}`);
  const log = { debug: write, info: write, warn: write, error: write };
  const gateway = createGateway({ accounts: { demo: true }, clock, ...options, store: { directory }, log });
  const { url } = await gateway.listen({ port: 0 });

  async function call<Body = ErrorBody>(
    path: string,
    { token, body, headers = {}, method }: CallOptions = {},
  ): Promise<Answer<Body>> {
    const response = await fetch(url + path, {
      method: method ?? (body === undefined ? "GET" : "POST"),
      redirect: "manual",
      headers: {
        ...headers,
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const parsed = text === "" || text.startsWith("<") ? undefined : JSON.parse(text);
    return { status: response.status, headers: response.headers, body: parsed };
  }

  const login = async (email: string, word = password): Promise<SessionResponse> =>
    (await call<SessionResponse>("/v1/auth/login", { body: { email, password: word } })).body;

  const close = async (): Promise<void> => {
    await gateway.close();
    rmSync(directory, { recursive: true });
  };
  return { gateway, url, clock, lines, call, login, close };
}

export interface CallOptions {
  readonly token?: string;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
  readonly method?: string;
}

export type OpenGateway = Awaited<ReturnType<typeof openGateway>>;
