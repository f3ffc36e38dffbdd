/**
 * The accounts themselves: made, listed, disabled, given passwords. For the administrators' routes, the command line
 * and the first start. Each change is in the audit log, under the name of who made it.
 */
import { type Clock, newId, randomToken, type SessionId, type UserId } from "@trueline/kit";
import { TruelineError } from "@trueline/protocol";
import type { Audit } from "../audit/audit.ts";
import type { AccountPurpose, Accounts, SessionChoice, UserRow } from "../ports/accounts.ts";
import type { PasswordHasher } from "../ports/credentials.ts";
import type { ProvenSubject } from "./access.ts";
import type { Actor, Authenticator } from "./identity.ts";

export interface NewUser {
  readonly email: string;
  readonly name?: string;
  readonly role?: UserRow["role"];
  /** Absent: one is made up and given back. */
  readonly password?: string;
  readonly purpose?: AccountPurpose;
}

/** `password`: there when it was made up. It is nowhere else, and is shown once. */
export interface AddedUser {
  readonly user: UserRow;
  readonly password?: string;
}

export interface Administration {
  /** Throws `invalid_request` when the e-mail is taken or a field does not fit. */
  add(user: NewUser, actor: Actor): Promise<AddedUser>;
  list(page?: { readonly after?: UserId; readonly limit?: number }): Promise<readonly UserRow[]>;
  countSessions(user: UserId): Promise<number>;
  /** By id or by e-mail. Throws `not_found`. */
  find(idOrEmail: string): Promise<UserRow>;
  setDisabled(user: UserId, disabled: boolean, actor: Actor): Promise<void>;
  /** Ends all sessions. Without `password` one is made up and given back. */
  setPassword(user: UserId, password: string | undefined, actor: Actor): Promise<string | undefined>;
  /** Ends the chosen sessions. `password` has been checked. */
  replacePassword(user: UserId, password: string, ended: SessionChoice, actor: Actor): Promise<void>;
  readonly revoke: Authenticator["revoke"];
  /** An account for somebody new whom an identity provider vouches for; undefined when the e-mail is missing or taken. */
  signUp(subject: ProvenSubject, address: string): Promise<UserId | undefined>;
  /** Whether there is any account but those of the demo and the probe. */
  hasPeople(): Promise<boolean>;
  /** Makes one administrator when nobody has an account; undefined when somebody has. */
  firstStart(email?: string): Promise<{ readonly email: string; readonly password: string } | undefined>;
  /**
   * Makes the demo's users, or lets them in again. Ada is an administrator, so that operations can be tried. Throws
   * `forbidden` where somebody else has an account: everybody knows Ada's password.
   */
  addDemoUsers(): Promise<void>;
  /** Without the demo nobody may come in with the password that everybody knows. Gives the addresses of those disabled now. */
  disableDemoUsers(): Promise<readonly string[]>;
}

export const demoPassword = "trueline-demo";
const demoUsers: readonly NewUser[] = [
  { email: "ada@example.com", name: "Ada", role: "administrator", password: demoPassword, purpose: "demo" },
  { email: "bob@example.com", name: "Bob", role: "user", password: demoPassword, purpose: "demo" },
];

const shortestPassword = 8;

export interface AdministrationOptions {
  readonly accounts: Accounts;
  readonly audit: Audit;
  readonly clock: Clock;
  readonly hasher: PasswordHasher;
  /** Tells this process of revocations at once. */
  readonly pull: () => Promise<void>;
}

export function createAdministration(options: AdministrationOptions): Administration {
  const { accounts, audit, clock, hasher, pull } = options;

  async function rowOf({
    email,
    name,
    role = "user",
    password,
    purpose,
  }: NewUser): Promise<{ row: UserRow; made?: string }> {
    const address = checkedEmail(email);
    const made = password === undefined ? randomToken(15) : undefined;
    const passwordHash = await hasher.hash(made ?? checkedPassword(password ?? ""));
    const row: UserRow = {
      id: newId("user"),
      email: address,
      name: name?.trim() || nameIn(address),
      role,
      disabled: false,
      passwordHash,
      createdAt: clock.now(),
      ...(purpose === undefined ? {} : { purpose }),
    };
    return made === undefined ? { row } : { row, made };
  }

  async function add(user: NewUser, actor: Actor): Promise<AddedUser> {
    const { row, made } = await rowOf(user);
    if (!(await accounts.createUser(row))) {
      throw new TruelineError("invalid_request", `email: there is a user with the address ${row.email}`);
    }
    await audit.append({ action: "user_created", user: row.id, ...actor, detail: { role: row.role } });
    return made === undefined ? { user: row } : { user: row, password: made };
  }

  async function replacePassword(
    user: UserId,
    password: string,
    sessions: SessionChoice,
    actor: Actor,
  ): Promise<void> {
    const hash = await hasher.hash(password);
    const revoke = { user, sessions, reason: "password_changed", at: clock.now() } as const;
    if (!(await accounts.setPassword(user, hash, revoke))) throw noSuchUser();
    await pull();
    await audit.append({ action: "password_changed", user, ...actor });
  }

  async function setDisabled(user: UserId, disabled: boolean, actor: Actor): Promise<void> {
    if (!(await accounts.setDisabled(user, disabled, clock.now()))) throw noSuchUser();
    await pull();
    await audit.append({ action: disabled ? "user_disabled" : "user_enabled", user, ...actor });
  }

  async function firstStart(email = "admin@localhost") {
    const { row, made } = await rowOf({ email, name: "Administrator", role: "administrator" });
    if (made === undefined || !(await accounts.createFirstUser(row))) return undefined;
    const { id: user, role } = row;
    await audit.append({ action: "user_created", user, by: "first_start", detail: { role } });
    return { email: row.email, password: made };
  }

  return {
    add,
    replacePassword,
    hasPeople: async () => (await findPerson(accounts)) !== undefined,
    firstStart: async (email) => ((await findPerson(accounts)) ? undefined : firstStart(email)),
    list: ({ after, limit = 100 } = {}) =>
      accounts.listUsers({ limit, ...(after === undefined ? {} : { after }) }),
    countSessions: async (user) => (await accounts.listSessions(user)).length,
    async find(idOrEmail) {
      const found =
        (await accounts.getUser(idOrEmail as UserId)) ?? (await accounts.findUserByEmail(idOrEmail));
      if (!found) throw noSuchUser();
      return found;
    },
    setDisabled,
    async setPassword(user, password, actor) {
      const made = password === undefined ? randomToken(15) : undefined;
      await replacePassword(user, made ?? checkedPassword(password ?? ""), "all", actor);
      return made;
    },
    async revoke({ user, session }, actor) {
      return revokeSessions({ accounts, audit, clock, pull }, user, session, actor);
    },
    async signUp({ email, name, issuer, subject }, address) {
      if (email === undefined) return undefined;
      const row: UserRow = {
        id: newId("user"),
        email: checkedEmail(email),
        name: name?.trim() || nameIn(email),
        role: "user",
        disabled: false,
        createdAt: clock.now(),
      };
      // Of two first sign-ins at once one makes the account, and both are its owner's.
      if (!(await accounts.createUser(row, { issuer, subject }))) {
        return (await accounts.findUserBySubject({ issuer, subject }))?.id;
      }
      const detail = { role: row.role, way: "oidc", issuer };
      await audit.append({ action: "user_created", user: row.id, by: "identity_provider", address, detail });
      return row.id;
    },
    async addDemoUsers() {
      const person = await findPerson(accounts);
      if (person) throw notForTheDemo(person);
      for (const user of demoUsers) {
        const known = await accounts.findUserByEmail(user.email);
        if (!known) await add(user, { by: "first_start", address: null });
        else if (known.disabled) await setDisabled(known.id, false, byStart);
      }
    },
    async disableDemoUsers() {
      const found = await Promise.all(demoUsers.map(({ email }) => accounts.findUserByEmail(email)));
      const open = found.filter((user) => user?.purpose === "demo" && !user.disabled);
      for (const user of open) if (user) await setDisabled(user.id, true, byStart);
      return open.flatMap((user) => user?.email ?? []);
    },
  };
}

const byStart: Actor = { by: "start", address: null };

const page = 100;

async function findPerson(accounts: Accounts): Promise<UserRow | undefined> {
  for (let after: UserId | undefined; ; ) {
    const users = await accounts.listUsers({ limit: page, ...(after === undefined ? {} : { after }) });
    const person = users.find(({ purpose }) => purpose === undefined);
    if (person || users.length < page) return person;
    after = users.at(-1)?.id;
  }
}

const notForTheDemo = ({ email }: UserRow): TruelineError =>
  new TruelineError(
    "forbidden",
    `everybody knows the passwords of the demo's users, and others have accounts here (${email}): give the demo a data directory of its own, or start without it`,
  );

/** Also for a team's own accounts, where nothing is known but the user's id. */
export async function revokeSessions(
  { accounts, audit, clock, pull }: Omit<AdministrationOptions, "hasher">,
  user: UserId,
  session: SessionId | undefined,
  actor: Actor,
): Promise<number> {
  const reason = "session_revoked";
  const choice = session === undefined ? "all" : { only: session };
  const ended = await accounts.revoke({ user, sessions: choice, reason, at: clock.now() });
  await pull();
  await audit.append({ action: "revoke", user, ...actor, detail: { sessions: session ?? "all", reason } });
  return ended.length;
}

export function checkedPassword(password: string): string {
  if (password.length >= shortestPassword && password.length <= 1024) return password;
  throw new TruelineError("invalid_request", `password: must have ${shortestPassword} to 1024 characters`);
}

function checkedEmail(email: string): string {
  const trimmed = email.trim();
  if (/^[^@\s]+@[^@\s]+$/.test(trimmed) && trimmed.length <= 320) return trimmed;
  throw new TruelineError("invalid_request", "email: must be an address like name@example.com");
}

const nameIn = (email: string): string => email.slice(0, email.indexOf("@"));

const noSuchUser = () => new TruelineError("not_found", "there is no such user");
