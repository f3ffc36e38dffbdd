/**
 * Branded ids: a `ThreadId` cannot be passed where a `UserId` is wanted, though both are strings at run time.
 * An id of our own making is a prefix that says what it names, and 128 random bits.
 */
declare const brand: unique symbol;
type Id<Name extends string> = string & { readonly [brand]: Name };

/** Who logged in. With a team's own accounts it is whatever their verify function calls the user. */
export type UserId = Id<"user">;
export type ThreadId = Id<"thread">;
export type MessageId = Id<"message">;
export type RunId = Id<"run">;
export type ConnectionId = Id<"connection">;
/** One login of a user: what a refresh token belongs to and what is revoked. */
export type SessionId = Id<"session">;

interface IdKinds {
  user: UserId;
  thread: ThreadId;
  message: MessageId;
  run: RunId;
  connection: ConnectionId;
  session: SessionId;
}

const prefixes: Record<keyof IdKinds, string> = {
  user: "usr_",
  thread: "thr_",
  message: "msg_",
  run: "run_",
  connection: "con_",
  session: "ses_",
};

export function newId<Kind extends keyof IdKinds>(kind: Kind): IdKinds[Kind] {
  return (prefixes[kind] + randomToken(16)) as IdKinds[Kind];
}

/** Whether a string from outside has the form of an id. Says nothing about whether the thing exists. */
export function isId<Kind extends keyof IdKinds>(kind: Kind, text: string): text is IdKinds[Kind] {
  return text.startsWith(prefixes[kind]) && /^[\w-]{1,64}$/.test(text);
}

/** `bytes` cryptographically random bytes, as base64url text. */
export function randomToken(bytes: number): string {
  return btoa(String.fromCharCode(...randomBytes(bytes)))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}

/** Asking for random bytes costs more than the bytes do, so they come in a supply. Each is given out once. */
const supply = new Uint8Array(4096);
let given = supply.length;

function randomBytes(count: number): Uint8Array {
  if (count > supply.length) throw new RangeError(`a token of more than ${supply.length} bytes`);
  if (given + count > supply.length) {
    crypto.getRandomValues(supply);
    given = 0;
  }
  const bytes = supply.slice(given, given + count);
  supply.fill(0, given, given + count);
  given += count;
  return bytes;
}
