/**
 * Who is signed in, and a valid access token for them: the session of the built-in accounts, which refreshes itself, or
 * a team's own. The only place that touches refresh tokens.
 */
import { type SessionResponse, TruelineError, type UserView } from "@trueline/protocol/wire";
import { type HttpOptions, request } from "./http.ts";
import type { ConnectOptions, SessionStorage, StoredSession } from "./options.ts";

export interface Credentials {
  /** Undefined when nobody is signed in, or when only `welcome` tells who it is. */
  readonly user: UserView | undefined;
  /** A token that is valid as far as known here; another than `refused`. Undefined: nobody is signed in (any more). */
  accessToken(refused?: string): Promise<string | undefined>;
}

/** A token that expires within this time is replaced before it is used. */
const expiryMarginMs = 2_000;

export class Session implements Credentials {
  readonly #http: HttpOptions;
  readonly #storage: SessionStorage;
  #refreshing: Promise<string | undefined> | undefined;

  constructor(http: HttpOptions, storage: SessionStorage) {
    this.#http = http;
    this.#storage = storage;
  }

  get user(): UserView | undefined {
    return this.#storage.read()?.user;
  }

  async accessToken(refused?: string): Promise<string | undefined> {
    const stored = this.#storage.read();
    if (!stored || isUsable(stored, refused)) return stored?.accessToken;
    this.#refreshing ??= this.#refresh(refused).finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  login(email: string, password: string): Promise<UserView> {
    return this.#open("/v1/auth/login", { email, password });
  }

  /** With the cookie that the way back from the identity provider left in the browser. */
  loginFromProvider(): Promise<UserView> {
    return this.#open("/v1/auth/oidc/session");
  }

  /** Here it is over at once; the server is told, and when it cannot be reached that is the error. */
  async logout(): Promise<void> {
    const stored = this.#storage.read();
    this.#storage.write(undefined);
    if (!stored) return;
    try {
      await this.#end(stored).catch(async (error: unknown) => {
        if (!isUnauthorized(error)) throw error;
        // Only the access token was over: the session itself is still to be ended.
        await this.#end(await this.#exchange(stored.refreshToken));
      });
    } catch (error) {
      // The session was over already.
      if (!isUnauthorized(error)) throw error;
    }
  }

  async #open(path: string, body?: object): Promise<UserView> {
    const answer = await request<SessionResponse>(this.#http, { method: "POST", path, body });
    this.#storage.write(toStored(answer));
    return answer.user;
  }

  async #end({
    accessToken: token,
    refreshToken,
  }: Pick<SessionResponse, "accessToken" | "refreshToken">): Promise<void> {
    await request(this.#http, { method: "POST", path: "/v1/auth/logout", body: { refreshToken }, token });
  }

  #exchange(refreshToken: string): Promise<SessionResponse> {
    return request(this.#http, { method: "POST", path: "/v1/auth/refresh", body: { refreshToken } });
  }

  #refresh(refused: string | undefined): Promise<string | undefined> {
    const refresh = async (): Promise<string | undefined> => {
      const stored = this.#storage.read();
      // Another tab was faster.
      if (!stored || isUsable(stored, refused)) return stored?.accessToken;
      return this.#rotate(stored);
    };
    return this.#storage.exclusively ? this.#storage.exclusively(refresh) : refresh();
  }

  async #rotate({ refreshToken }: StoredSession): Promise<string | undefined> {
    try {
      const answer = await this.#exchange(refreshToken);
      // Signed out, or in as another, in the meantime: what came back belongs to nobody here.
      if (this.#storage.read()?.refreshToken === refreshToken) this.#storage.write(toStored(answer));
    } catch (error) {
      if (!isUnauthorized(error)) throw error;
      if (this.#storage.read()?.refreshToken === refreshToken) this.#storage.write(undefined);
    }
    return this.#storage.read()?.accessToken;
  }
}

export class OwnAccounts implements Credentials {
  readonly user = undefined;
  readonly #getAccessToken: NonNullable<ConnectOptions["getAccessToken"]>;
  #refreshing: Promise<string | undefined> | undefined;

  constructor(getAccessToken: NonNullable<ConnectOptions["getAccessToken"]>) {
    this.#getAccessToken = getAccessToken;
  }

  accessToken(refused?: string): Promise<string | undefined> {
    if (refused === undefined) return this.#refreshing ?? this.#getAccessToken({ refresh: false });
    this.#refreshing ??= this.#getAccessToken({ refresh: true }).finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }
}

const isUsable = (session: StoredSession, refused: string | undefined): boolean =>
  session.accessToken !== refused && session.expiresAt - expiryMarginMs > Date.now();

const isUnauthorized = (error: unknown): boolean =>
  error instanceof TruelineError && (error.code === "unauthorized" || error.code === "invalid_credentials");

const toStored = ({ accessToken, refreshToken, expiresIn, user }: SessionResponse): StoredSession => ({
  accessToken,
  refreshToken,
  expiresAt: Date.now() + expiresIn * 1000,
  user,
});
