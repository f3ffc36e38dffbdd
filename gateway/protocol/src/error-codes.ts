/** Every error code a client can see, and the error that carries it. Free of zod: see wire.ts. */
import type { ErrorBody } from "./errors.ts";

/** HTTP status by code. The sentence says when it is issued. */
export const errorCodes = {
  /** The body, query or frame does not fit its schema; the message names the field. */
  invalid_request: 400,
  /** No credentials, or ones that are not valid (any more). */
  unauthorized: 401,
  /** E-mail or password is wrong. The same answer for an unknown e-mail. */
  invalid_credentials: 401,
  /** Signed in, but not allowed to do this. */
  forbidden: 403,
  /** The page's origin is not on the list. */
  origin_not_allowed: 403,
  /** There is no such thing among what is the caller's own. */
  not_found: 404,
  method_not_allowed: 405,
  /** The same client id was used for another text. */
  id_reused: 409,
  payload_too_large: 413,
  /** Login, upgrade or message rate; says when to retry. */
  rate_limited: 429,
  /** Too many connections of this user at once. */
  connection_limit: 429,
  /** Too many runs of this user at once. */
  run_limit: 429,
  /** The user's tokens of the day are used up. */
  token_limit: 429,
  /** No agent of this name is registered. */
  unknown_agent: 400,
  /** The run has ended already. */
  run_ended: 409,
  /** The company's identity provider cannot be reached, or does not answer as one. */
  identity_provider_failed: 502,
  /** The server is draining; reconnect elsewhere or later. */
  going_away: 503,
  /** The store cannot be written now (full disk, lost database). Nothing was accepted. */
  store_unavailable: 503,
  internal_error: 500,
} as const;
export type ErrorCode = keyof typeof errorCodes;

/** Why a run ended `agent_failed`. `retryable` says whether sending the message again can help. */
export const runFailures = {
  /** The provider answered with an error, or dropped the connection. */
  model_error: { retryable: true },
  /** The provider sent something that is not an answer. */
  model_garbage: { retryable: true },
  /** The provider refused: bad key, unknown model, exceeded quota. */
  model_refused: { retryable: false },
  /** The model was silent for longer than the model timeout. */
  model_timeout: { retryable: true },
  /** The run took longer than a run may. */
  run_timeout: { retryable: true },
  /** The model asked for more steps than a run may have. */
  step_limit: { retryable: false },
  /** The agent produced events out of order (EV4); a defect of the agent. */
  contract_violation: { retryable: false },
  /** The run was interrupted too often by restarts to go on. */
  interrupted: { retryable: true },
  /** The agent of this run is not registered any more. */
  unknown_agent: { retryable: false },
  /** The user's tokens of the day were used up in the middle of the run. */
  token_limit: { retryable: false },
  store_unavailable: { retryable: true },
  internal_error: { retryable: true },
} as const;
export type RunFailure = keyof typeof runFailures;

/** The one error that crosses package borders on its way to a client. `message` is shown to whoever caused it. */
export class TruelineError extends Error {
  override readonly name = "TruelineError";
  readonly code: ErrorCode;
  /** Milliseconds until trying again can help. */
  readonly retryAfterMs: number | undefined;

  constructor(code: ErrorCode, message: string, retryAfterMs?: number, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }

  get status(): number {
    return errorCodes[this.code];
  }

  toBody(): ErrorBody {
    const { code, message, retryAfterMs } = this;
    return { error: { code, message, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) } };
  }
}
