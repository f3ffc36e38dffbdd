/**
 * What went wrong at a provider, as a `ModelError`: whose message is for the user, and whose cause is for the log.
 * Neither holds a key, nor what was sent to the provider.
 */
import type { RunFailure } from "@trueline/protocol";
import { ModelError } from "@trueline/server";
import {
  APICallError,
  EmptyResponseBodyError,
  InvalidResponseDataError,
  JSONParseError,
  NoContentGeneratedError,
  TypeValidationError,
} from "ai";

export const brokeOff = (): ModelError =>
  new ModelError("model_error", "The model's answer broke off before its end.");
export const noAnswer = (): ModelError =>
  new ModelError("model_garbage", "The model provider sent something that is not an answer.");
export const filtered = (): ModelError =>
  new ModelError("model_refused", "The model provider's content filter stopped the answer.");

/** `secrets` are blotted out of what is kept for the log. */
export function toModelError(error: unknown, secrets: readonly string[]): ModelError {
  if (error instanceof ModelError) return error;
  const root = rootOf(error);
  const cause = new Error(blot(describe(root), secrets));
  if (APICallError.isInstance(root) && root.statusCode !== undefined && root.statusCode >= 300) {
    return ofStatus(root.statusCode, root.responseBody ?? "", cause);
  }
  const garbage = [
    JSONParseError,
    TypeValidationError,
    InvalidResponseDataError,
    NoContentGeneratedError,
    EmptyResponseBodyError,
  ];
  if (garbage.some((kind) => kind.isInstance(root) || kind.isInstance(causeOf(root)))) {
    return new ModelError("model_garbage", noAnswer().message, { cause });
  }
  return new ModelError("model_error", "The connection to the model provider failed.", { cause });
}

function ofStatus(status: number, body: string, cause: Error): ModelError {
  const [code, message] = judge(status, body);
  return new ModelError(code, `${message} (HTTP ${status})`, { cause });
}

function judge(status: number, body: string): [RunFailure, string] {
  if (status === 401 || status === 403) {
    return ["model_refused", "The model provider did not accept this server's key."];
  }
  if (status === 404) return ["model_refused", "The model provider does not know this model."];
  if (status === 402 || (status === 429 && /insufficient_quota|billing|credit/i.test(body))) {
    return ["model_refused", "The quota at the model provider is used up."];
  }
  if (status === 429) return ["model_error", "The model provider has too many requests now."];
  if (status >= 500 || status === 408 || status === 409) {
    return ["model_error", "The model provider has a fault."];
  }
  return ["model_refused", "The model provider refused the request."];
}

/** The error behind the library's own retries. */
function rootOf(error: unknown): unknown {
  if (typeof error === "object" && error !== null && "lastError" in error) return rootOf(error.lastError);
  return error;
}

const causeOf = (error: unknown): unknown => (error instanceof Error ? error.cause : undefined);

function describe(error: unknown): string {
  if (!(error instanceof Error)) return typeof error === "string" ? error : "an error that is no Error";
  const status = APICallError.isInstance(error) && error.statusCode ? ` (HTTP ${error.statusCode})` : "";
  const behind = error.cause instanceof Error ? `, because of ${describe(error.cause)}` : "";
  return `${error.name}${status}: ${error.message.slice(0, 500)}${behind}`;
}

const blot = (text: string, secrets: readonly string[]): string =>
  secrets.reduce((rest, secret) => rest.replaceAll(secret, "[redacted]"), text);
