/** A whole gateway over real sockets in a directory of its own, gone when the test is over. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createGateway, type Gateway, type GatewayOptions } from "@trueline/gateway";
import type { ErrorBody, SessionResponse } from "@trueline/protocol";
import { onTestFinished } from "vitest";
import { TestSocket } from "./test-socket.ts";

export const ada = { email: "ada@example.com", password: "trueline-demo" };
export const bob = { email: "bob@example.com", password: "trueline-demo" };

export interface Answer<Body> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
}

export interface CallOptions {
  readonly token?: string;
  readonly body?: unknown;
  /** Sent as it is. */
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly method?: string;
}

export interface TestGateway {
  readonly gateway: Gateway;
  readonly url: string;
  readonly directory: string;
  /** Log lines, each with its fields as JSON. */
  readonly lines: readonly string[];
  call<Body = ErrorBody>(path: string, options?: CallOptions): Promise<Answer<Body>>;
  login(who?: { email: string; password: string }): Promise<SessionResponse>;
  ticket(token: string): Promise<string>;
  /** A socket that was let in, before its `hello`. */
  socket(token: string): Promise<TestSocket>;
  /** A socket that was welcomed. */
  connect(token: string, hello?: object): Promise<TestSocket>;
}

export async function openGateway(options: Omit<GatewayOptions, "log"> = {}): Promise<TestGateway> {
  const directory = mkdtempSync(join(tmpdir(), "trueline-node-"));
  const lines: string[] = [];
  const write = (fields: object, message: string) => void lines.push(`${message} ${JSON.stringify(fields)}`);
  const log = { debug: write, info: write, warn: write, error: write };
  const gateway = createGateway({ accounts: { demo: true }, store: { directory }, ...options, log });
  onTestFinished(async () => {
    await gateway.close();
    rmSync(directory, { recursive: true });
  });
  const { url } = await gateway.listen({ port: 0 });
  return { gateway, directory, lines, ...clientOf(url) };
}

/** What a client can do at `url`, whoever serves it. */
export function clientOf(url: string): Omit<TestGateway, "gateway" | "directory" | "lines"> {
  async function call<Body = ErrorBody>(path: string, options: CallOptions = {}): Promise<Answer<Body>> {
    const { token, headers = {} } = options;
    const body = options.text ?? (options.body === undefined ? undefined : JSON.stringify(options.body));
    const response = await fetch(url + path, {
      method: options.method ?? (body === undefined ? "GET" : "POST"),
      redirect: "manual",
      headers: {
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...headers,
      },
      ...(body === undefined ? {} : { body }),
    });
    const text = await response.text();
    const isJson = response.headers.get("content-type")?.includes("json") === true;
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
  }
  const ticket = async (token: string): Promise<string> =>
    (await call<{ ticket: string }>("/v1/auth/ticket", { token, method: "POST" })).body.ticket;
  const socket = async (token: string): Promise<TestSocket> =>
    TestSocket.open(`${url.replace("http", "ws")}/v1/ws?ticket=${await ticket(token)}`);
  return {
    url,
    call,
    ticket,
    socket,
    login: async (who = ada) => (await call<SessionResponse>("/v1/auth/login", { body: who })).body,
    async connect(token, hello = {}) {
      const opened = await socket(token);
      opened.send({ type: "hello", client: { name: "test", version: "1" }, ...hello });
      await opened.next("welcome");
      return opened;
    },
  };
}
