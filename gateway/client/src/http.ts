/** HTTP calls of the wire contract: errors typed, access token added and, when it was refused, replaced once. */
import { type ErrorBody, TruelineError } from "@trueline/protocol/wire";
import type { Credentials } from "./credentials.ts";
import { ClientError } from "./errors.ts";
import type { Call } from "./types.ts";

export interface HttpOptions {
  readonly url: string;
  readonly fetch: typeof globalThis.fetch;
  readonly timeoutMs: number;
}

export interface Request extends Call {
  readonly token?: string;
}

/** The JSON that the call answered; undefined for 204. The server is trusted to keep its contract: nothing is validated. */
export async function request<T>(
  options: HttpOptions,
  { method, path, body, token, signal }: Request,
): Promise<T> {
  const timeout = AbortSignal.timeout(options.timeoutMs);
  let response: Response;
  let text: string;
  try {
    response = await options.fetch(options.url + path, {
      method,
      headers: {
        accept: "application/json",
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    });
    text = await response.text();
  } catch (error) {
    if (signal?.aborted) throw new ClientError("aborted", `${method} ${path} was aborted`, { cause: error });
    const what = timeout.aborted ? "took too long" : "could not reach the server";
    throw new ClientError("network", `${method} ${path} ${what}`, { cause: error });
  }
  if (response.ok) return (text === "" ? undefined : parse(text, method, path)) as T;
  throw refusal(response.status, text, method, path);
}

/** Calls as the user who is signed in. */
export class UserHttp {
  readonly #options: HttpOptions;
  readonly #credentials: Credentials;

  constructor(options: HttpOptions, credentials: Credentials) {
    this.#options = options;
    this.#credentials = credentials;
  }

  async call<T>(call: Call): Promise<T> {
    const token = await this.#token(undefined);
    try {
      return await request<T>(this.#options, { ...call, token });
    } catch (error) {
      if (!(error instanceof TruelineError && error.code === "unauthorized")) throw error;
      const fresh = await this.#token(token);
      return request<T>(this.#options, { ...call, token: fresh });
    }
  }

  async #token(refused: string | undefined): Promise<string> {
    const token = await this.#credentials.accessToken(refused);
    if (token === undefined) throw new ClientError("signed_out", "nobody is signed in");
    return token;
  }
}

function parse(text: string, method: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ClientError("network", `${method} ${path} did not answer JSON`, { cause: error });
  }
}

function refusal(status: number, text: string, method: string, path: string): Error {
  try {
    const { error } = JSON.parse(text) as ErrorBody;
    return new TruelineError(error.code as TruelineError["code"], error.message, error.retryAfterMs);
  } catch (cause) {
    // A proxy in between answers in its own way.
    return new ClientError("network", `${method} ${path} answered ${status}`, { cause });
  }
}
