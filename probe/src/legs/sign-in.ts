/** The legs at both ends: two users sign in; in the end nothing of the walk is left. */
import { sessionResponseSchema } from "@trueline/protocol";
import { z } from "zod";
import { call, failureOf, mustDo } from "../calls.ts";
import { Inconclusive, LegFailure } from "../failures.ts";
import type { ProbeAccount, ResolvedOptions } from "../options.ts";
import type { Walked } from "../walk.ts";

export interface SignedIn {
  readonly userId: string;
  readonly email: string;
  readonly token: string;
}

/** Of each walk: who is asked, and who must not see it. */
export interface Users {
  readonly first: SignedIn;
  readonly second: SignedIn;
}

export async function signIn(options: ResolvedOptions, signal: AbortSignal): Promise<Walked<Users>> {
  const [first, second] = await Promise.all(
    options.accounts.map((account) => login(options, account, signal)),
  );
  if (!first || !second) throw new LegFailure("two accounts are needed");
  if (first.userId === second.userId) {
    throw new LegFailure(`${first.email} and ${second.email} are the same user; isolation needs two`);
  }
  return { value: { first, second } };
}

async function login(
  { url, demoAccounts }: ResolvedOptions,
  { email, password }: ProbeAccount,
  signal: AbortSignal,
): Promise<SignedIn> {
  const wanted = { method: "POST", path: "/v1/auth/login", body: { email, password }, signal } as const;
  const answer = await call(url, wanted);
  if (answer.kind === "unreachable") throw new Inconclusive("unreachable", `${url}: ${answer.what}`);
  if (answer.kind === "foreign") throw foreign(url, answer.status, answer.what);
  if (answer.kind === "refused") {
    if (demoAccounts && answer.code === "invalid_credentials") {
      throw new Inconclusive("no_accounts", "no accounts were given, and the demo's users are not there");
    }
    const refused = failureOf(wanted, answer);
    if (refused instanceof Inconclusive) throw refused;
    throw new LegFailure(`${email}: ${refused.message}`);
  }
  const session = sessionResponseSchema.safeParse(answer.body);
  if (!session.success) throw foreign(url, answer.status, "a login that gives no session");
  return { userId: session.data.user.id, email, token: session.data.accessToken };
}

function foreign(url: string, status: number, what: string): Inconclusive {
  if (status >= 502 && status <= 504) {
    return new Inconclusive(
      "unreachable",
      `${url}: a proxy answered ${status}, the gateway behind it did not`,
    );
  }
  return new Inconclusive(
    "not_a_gateway",
    `${url} is not a Trueline gateway: its login answered ${status}, ${what}`,
  );
}

/** Deletes the thread, which must be gone then, and signs both out. Both are tried, whatever becomes of one. */
export async function cleanUp(
  url: string,
  { first, second }: Users,
  threadId: string | undefined,
  signal: AbortSignal,
): Promise<Walked<void>> {
  const logout = (user: SignedIn) =>
    mustDo(url, { method: "POST", path: "/v1/auth/logout", token: user.token, signal }, z.unknown());
  const done = await Promise.allSettled([
    (threadId === undefined ? Promise.resolve() : deleteThread(url, first, threadId, signal)).finally(() =>
      logout(first),
    ),
    logout(second),
  ]);
  for (const result of done) if (result.status === "rejected") throw result.reason;
  return { value: undefined };
}

async function deleteThread(
  url: string,
  user: SignedIn,
  threadId: string,
  signal: AbortSignal,
): Promise<void> {
  const path = `/v1/threads/${encodeURIComponent(threadId)}`;
  await mustDo(url, { method: "DELETE", path, token: user.token, signal }, z.unknown());
  const answer = await call(url, { method: "GET", path, token: user.token, signal });
  if (answer.kind === "refused" && answer.status === 404) return;
  throw new LegFailure("the thread is still there after it was deleted");
}
