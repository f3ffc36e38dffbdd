/**
 * Keeps one socket up while somebody is signed in: decides when to connect, when to wait and when to give up, and says so as
 * one state. What frames mean is stream.ts's matter; connect.ts wires the two.
 */
import { assertNever } from "@trueline/kit";
import {
  afterClose,
  type ServerFrame,
  TruelineError,
  type WelcomeFrame,
  type WireLimits,
} from "@trueline/protocol/wire";
import type { Backoff } from "./backoff.ts";
import type { Credentials } from "./credentials.ts";
import { asError, ClientError } from "./errors.ts";
import { Link, type LinkEnd, type LinkOptions, type LinkSettings } from "./link.ts";
import type { ConnectionState } from "./types.ts";

/** Whether the client can go on with this connection. If not, it makes another. */
export type Verdict = { readonly ok: true } | { readonly ok: false; readonly why: string };

export interface ConnectionOptions {
  readonly credentials: Credentials;
  /** Of the socket, without a ticket. */
  readonly url: string;
  readonly entry: "ticket" | "bearer";
  readonly fetchTicket: () => Promise<string>;
  readonly hello: () => LinkOptions["hello"];
  readonly link: LinkSettings & Pick<LinkOptions, "isBusy">;
  readonly backoff: Backoff;
  readonly onState: (state: ConnectionState) => void;
  readonly onWelcome: (welcome: WelcomeFrame) => Verdict;
  /** Connected, and the state says so. */
  readonly onOnline: (limits: WireLimits) => void;
  /** Everything but `welcome`, `pong`, `going_away` and `error`, in order. */
  readonly onFrame: (frame: ServerFrame) => Verdict;
  /** The frames of one text frame are through. */
  readonly onFramesEnd: () => void;
  readonly onTrouble: (error: Error) => void;
}

/** Milliseconds a connection must have held for the next loss to count as the first again. */
const heldMs = 5_000;
/** Closes in a row that ask for a fresh token, after which the tokens themselves must be the trouble. */
const maxRefused = 3;

export class Connection {
  readonly #options: ConnectionOptions;
  #state: ConnectionState = { state: "signed_out", reason: "not signed in yet" };
  #link: Link | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Counts attempts for good: what an earlier one still has to say is not listened to. */
  #attempt = 0;
  /** Last token used, and whether the server closed because of it. */
  #token: string | undefined;
  #refusals = 0;
  /** What the server said before it closed. */
  #goingAwayMs: number | undefined;
  #lastWords: string | undefined;
  #welcomedAt = 0;
  /** An upgrade with a bearer header that failed does not say why; the next one asks for a ticket, which does. */
  #bearerFailed = false;

  constructor(options: ConnectionOptions) {
    this.#options = options;
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** Connects now, whatever was before. */
  start(): void {
    this.#leave();
    void this.#connect(++this.#attempt);
  }

  /** The network is back, or the page is looked at again: a wait ends, a connection is tested. */
  wake(): void {
    if (this.#state.state === "waiting") this.start();
    else this.#link?.probe();
  }

  send(frame: object): void {
    this.#link?.send(frame);
  }

  /** The server owes an answer from now on. */
  attend(): void {
    this.#link?.attend();
  }

  signOut(reason: string): void {
    this.#leave();
    this.#refusals = 0;
    this.#setState({ state: "signed_out", reason });
  }

  stop(code: number, reason: string): void {
    this.#leave();
    this.#setState({ state: "stopped", code, reason });
  }

  #leave(): void {
    clearTimeout(this.#timer);
    this.#attempt++;
    this.#link?.drop();
    this.#link = undefined;
    this.#goingAwayMs = undefined;
    this.#lastWords = undefined;
  }

  async #connect(attempt: number): Promise<void> {
    const { backoff, credentials, entry } = this.#options;
    this.#setState({ state: "connecting", attempt: backoff.attempt() });
    try {
      const refused = this.#refusals > 0 ? this.#token : undefined;
      const token = await credentials.accessToken(refused);
      if (attempt !== this.#attempt) return;
      this.#token = token;
      if (token === undefined) return this.signOut(this.#lastWords ?? "the session is over; sign in again");
      const byTicket = entry === "ticket" || this.#bearerFailed;
      const query = byTicket ? `?ticket=${encodeURIComponent(await this.#options.fetchTicket())}` : "";
      if (attempt !== this.#attempt) return;
      this.#link = this.#open(this.#options.url + query, byTicket ? undefined : token);
    } catch (error) {
      if (attempt === this.#attempt) this.#entryOnFailure(asError(error));
    }
  }

  #open(url: string, token: string | undefined): Link {
    const link: Link = new Link({
      ...this.#options.link,
      url,
      token,
      hello: this.#options.hello(),
      onFrames: (frames) => this.#linkOnFrames(link, frames),
      onClosed: (end) => this.#linkOnClosed(end, token !== undefined),
    });
    return link;
  }

  #entryOnFailure(error: Error): void {
    const signedOut = error instanceof ClientError && error.code === "signed_out";
    const refused = error instanceof TruelineError && error.code === "unauthorized";
    if (signedOut || refused) this.signOut(error.message);
    else this.#wait(error.message, error instanceof TruelineError ? error.retryAfterMs : undefined);
  }

  #linkOnFrames(link: Link, frames: readonly ServerFrame[]): void {
    for (const frame of frames) {
      // A listener closed the client, or a frame before this one ended the socket.
      if (link !== this.#link) return;
      const verdict = this.#dispatch(link, frame);
      if (!verdict.ok) {
        this.#options.onFramesEnd();
        link.fail(verdict.why);
        return;
      }
    }
    this.#options.onFramesEnd();
  }

  #dispatch(link: Link, frame: ServerFrame): Verdict {
    switch (frame.type) {
      case "welcome":
        return this.#linkOnWelcome(link, frame);
      case "going_away":
        this.#linkOnGoingAway(frame.reconnectAfterMs);
        return { ok: true };
      case "error":
        this.#lastWords = frame.message;
        this.#options.onTrouble(new TruelineError(frame.code as TruelineError["code"], frame.message));
        return { ok: true };
      case "pong":
        return { ok: true };
      default:
        return this.#options.onFrame(frame);
    }
  }

  #linkOnWelcome(link: Link, welcome: WelcomeFrame): Verdict {
    const verdict = this.#options.onWelcome(welcome);
    if (!verdict.ok) return verdict;
    this.#welcomedAt = Date.now();
    this.#refusals = 0;
    this.#bearerFailed = false;
    this.#lastWords = undefined;
    link.welcomed();
    const { connectionId, user, limits } = welcome;
    this.#setState({ state: "online", connectionId, user, limits });
    this.#options.onOnline(limits);
    return { ok: true };
  }

  /** The server closes, or it is left when the time that it gave is over. */
  #linkOnGoingAway(reconnectAfterMs: number): void {
    this.#goingAwayMs = reconnectAfterMs;
    this.#lastWords = "the server is restarting";
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.start(), this.#options.backoff.delay(reconnectAfterMs));
  }

  #linkOnClosed({ code, reason, opened }: LinkEnd, byBearer: boolean): void {
    this.#link = undefined;
    clearTimeout(this.#timer);
    if (byBearer && !opened) this.#bearerFailed = true;
    const held = this.#state.state === "online" && Date.now() - this.#welcomedAt >= heldMs;
    if (held) this.#options.backoff.succeeded();
    const why =
      this.#lastWords ??
      (reason || (opened ? "the connection was lost" : "the server was not reached, or let nobody in"));
    const next = afterClose(code);
    switch (next) {
      case "reconnect":
        this.#wait(why, undefined);
        break;
      case "sign_in":
        this.#accessOnRefused(why);
        break;
      case "stop":
        this.stop(code, why);
        break;
      default:
        assertNever(next);
    }
  }

  /** The first time a fresh token is tried at once, so that one that ran out is not noticed. */
  #accessOnRefused(why: string): void {
    this.#refusals++;
    if (this.#refusals >= maxRefused) this.signOut(why);
    else if (this.#refusals === 1) {
      this.#lastWords = why;
      void this.#connect(++this.#attempt);
    } else this.#wait(why, undefined);
  }

  #wait(reason: string, retryAfterMs: number | undefined): void {
    const { backoff } = this.#options;
    const delay = backoff.delay(this.#goingAwayMs ?? retryAfterMs);
    this.#goingAwayMs = undefined;
    this.#lastWords = undefined;
    this.#setState({ state: "waiting", retryAt: Date.now() + delay, attempt: backoff.attempts, reason });
    this.#timer = setTimeout(() => void this.#connect(++this.#attempt), delay);
  }

  #setState(state: ConnectionState): void {
    this.#state = state;
    this.#options.onState(state);
  }
}
