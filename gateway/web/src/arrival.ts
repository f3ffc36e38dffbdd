/**
 * A page that somebody is sent to from the identity provider: what its address says of the sign-in, and what comes of it.
 * Called once, before anything is drawn: the address is cleared, so that a reload does not do it again.
 */
import { type Client, type ErrorCode, TruelineError, type UserView } from "@trueline/client";
import { newThreadHref } from "./route.ts";

/** Where a sign-in at the identity provider begins. */
export const providerHref = "/v1/auth/oidc/start";

/** Undefined for everybody who comes another way. Rejects with a sentence for whoever was refused. */
export function arrive(client: Client): Promise<UserView> | undefined {
  const [word = "", code = ""] = location.hash.slice(1).split("=");
  if (word !== "signed-in" && word !== "sign-in-refused") return undefined;
  history.replaceState(history.state, "", newThreadHref);
  const arrived = word === "signed-in" ? client.loginFromProvider() : Promise.reject(refusal(code));
  return arrived.catch((error: unknown) => {
    throw error instanceof TruelineError && error.code === "unauthorized" ? refusal("unauthorized") : error;
  });
}

const sentences: { readonly [Code in ErrorCode]?: string } = {
  unauthorized: "The sign-in was not completed, or took too long. Please try again.",
  forbidden: "This account may not sign in here. Ask an administrator.",
  identity_provider_failed: "The identity provider does not answer. Try again in a while.",
  rate_limited: "There were too many attempts to sign in. Try again in a while.",
  store_unavailable: "The server cannot sign anybody in at the moment. Try again in a while.",
};

/** The code stands in the address, where anybody can write anything: only words of ours are shown. */
function refusal(code: string): TruelineError {
  const known = Object.hasOwn(sentences, code) ? (code as ErrorCode) : "internal_error";
  return new TruelineError(known, sentences[known] ?? "The sign-in did not work. Please try again.");
}
