/** The leg to the sockets: a single-use ticket each, an upgrade, `hello` and `welcome`. */
import { type Position, ticketResponseSchema } from "@trueline/protocol";
import { mustDo } from "../calls.ts";
import { LegFailure } from "../failures.ts";
import { ProbeSocket } from "../probe-socket.ts";
import type { ControlOf } from "../received.ts";
import { version } from "../version.ts";
import type { Walked } from "../walk.ts";
import type { SignedIn, Users } from "./sign-in.ts";

export interface Connected {
  readonly socket: ProbeSocket;
  readonly welcome: ControlOf<"welcome">;
}

/** `second` is connected all the time, and must receive nothing of what the first one does. */
export interface Connections {
  readonly first: Connected;
  readonly second: Connected;
}

export async function connectBoth(
  url: string,
  users: Users,
  signal: AbortSignal,
): Promise<Walked<Connections>> {
  const opening = [users.first, users.second].map((user) => connect(url, user, signal));
  const settled = await Promise.allSettled(opening);
  const [first, second] = settled.map((result) => (result.status === "fulfilled" ? result.value : undefined));
  if (first && second) return { value: { first, second } };
  for (const connected of [first, second]) connected?.socket.terminate();
  const failed = settled.find((result) => result.status === "rejected");
  throw failed?.reason ?? new LegFailure("no welcome");
}

export async function connect(
  url: string,
  user: SignedIn,
  signal: AbortSignal,
  position?: Position,
): Promise<Connected> {
  const wanted = { method: "POST", path: "/v1/auth/ticket", token: user.token, signal } as const;
  const { ticket } = await mustDo(url, wanted, ticketResponseSchema);
  const at = position === undefined ? {} : { position };
  const connected = await ProbeSocket.open({ url, ticket, version, signal, ...at });
  const { welcome, socket } = connected;
  if (welcome.user.id === user.userId) return connected;
  socket.terminate();
  throw new LegFailure(`${user.email} was welcomed as another user`);
}
