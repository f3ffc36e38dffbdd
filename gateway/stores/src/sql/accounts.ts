/** `Accounts` in SQL, for every database that kysely speaks to. No rules here beyond what one transaction must hold. */
import type { SessionId, UserId } from "@trueline/kit";
import type {
  Accounts,
  ProviderSubject,
  RevocationReason,
  Revoke,
  SessionChoice,
  SessionRow,
  UserRow,
} from "@trueline/server";
import type { Kysely, Selectable, Transaction } from "kysely";
import type { AccountsTables, Tables } from "./tables.ts";

export function createSqlAccounts(queries: Kysely<Tables>): Accounts {
  const users = () => queries.selectFrom("users").selectAll("users");
  const atomically = <T>(work: (transaction: Transaction<Tables>) => Promise<T>) =>
    queries.transaction().execute(work);

  return {
    createUser: (user, subject) => atomically((transaction) => createUser(transaction, user, subject)),
    createFirstUser: (user) =>
      atomically(async (transaction) => {
        const people = transaction.selectFrom("users").select("id").where("purpose", "is", null);
        return !(await people.limit(1).executeTakeFirst()) && createUser(transaction, user);
      }),
    getUser: async (id) => userOf(await users().where("id", "=", id).executeTakeFirst()),
    findUserByEmail: async (email) =>
      userOf(await users().where("email_key", "=", email.toLowerCase()).executeTakeFirst()),
    findUserBySubject: async ({ issuer, subject }) =>
      userOf(
        await users()
          .innerJoin("provider_subjects", "owner", "users.id")
          .where("issuer", "=", issuer)
          .where("subject", "=", subject)
          .executeTakeFirst(),
      ),
    async listUsers({ after, limit }) {
      const page = after === undefined ? users() : users().where("id", ">", after);
      return (await page.orderBy("id").limit(limit).execute()).map(toUser);
    },

    setPassword: (user, passwordHash, ended) =>
      atomically(async (transaction) => {
        const set = { password_hash: passwordHash };
        const changed = await transaction
          .updateTable("users")
          .set(set)
          .where("id", "=", user)
          .executeTakeFirst();
        if (changed.numUpdatedRows === 0n) return false;
        await revoke(transaction, ended);
        return true;
      }),
    setDisabled: (user, disabled, at) =>
      atomically(async (transaction) => {
        const set = { disabled: disabled ? 1 : 0 };
        const changed = await transaction
          .updateTable("users")
          .set(set)
          .where("id", "=", user)
          .executeTakeFirst();
        if (changed.numUpdatedRows === 0n) return false;
        if (disabled) await revoke(transaction, { user, sessions: "all", reason: "user_disabled", at });
        return true;
      }),

    createSession: (session, checked) =>
      atomically(async (transaction) => {
        const owner = await transaction
          .selectFrom("users")
          .select(["disabled", "password_hash"])
          .where("id", "=", session.user)
          .executeTakeFirst();
        if (owner === undefined || owner.disabled === 1) return false;
        if (checked && owner.password_hash !== checked.passwordHash) return false;
        await transaction.insertInto("sessions").values(sessionRow(session)).execute();
        return true;
      }),
    async findSession(id) {
      const found = await queries.selectFrom("sessions").selectAll().where("id", "=", id).executeTakeFirst();
      const user = found && userOf(await users().where("id", "=", found.owner).executeTakeFirst());
      return found && user ? { session: toSession(found), user } : undefined;
    },
    async listSessions(user) {
      const sessions = queries.selectFrom("sessions").selectAll().where("owner", "=", user);
      return (await sessions.orderBy("number", "desc").execute()).map(toSession);
    },
    async rotate(session, { from, to, at }) {
      const done = await queries
        .updateTable("sessions")
        .set({ token_hash: to, previous_hash: from, rotated_at: at })
        .where("id", "=", session)
        .where("token_hash", "=", from)
        .executeTakeFirst();
      return done.numUpdatedRows > 0n;
    },
    revoke: (ended) => atomically((transaction) => revoke(transaction, ended)),

    async putGrant({ kind, hash, user, value, expiresAt }) {
      const row = { kind, hash, owner: user, value, expires_at: expiresAt };
      await queries.insertInto("grants").values(row).execute();
    },
    async takeGrant(kind, hash, now) {
      const taken = await queries
        .deleteFrom("grants")
        .where("kind", "=", kind)
        .where("hash", "=", hash)
        .returning(["value", "expires_at"])
        .executeTakeFirst();
      return taken && now < taken.expires_at ? taken.value : undefined;
    },

    async revocationsAfter(id) {
      const rows = await queries
        .selectFrom("revocations")
        .selectAll()
        .where("id", ">", id)
        .orderBy("id")
        .execute();
      return rows.map((row) => ({
        id: row.id,
        user: row.owner as UserId,
        session: row.session_id as SessionId | null,
        reason: row.reason,
        at: row.at,
      }));
    },
    async lastRevocation() {
      const last = queries.selectFrom("revocations").select("id").orderBy("id", "desc").limit(1);
      return (await last.executeTakeFirst())?.id ?? 0;
    },

    sweep: (now, forgetBefore) => atomically((transaction) => sweep(transaction, now, forgetBefore)),

    async keepSecret(name, proposed) {
      const row = { name, value: proposed };
      await queries
        .insertInto("secrets")
        .values(row)
        .onConflict((other) => other.column("name").doNothing())
        .execute();
      const kept = queries.selectFrom("secrets").select("value").where("name", "=", name);
      return (await kept.executeTakeFirstOrThrow()).value;
    },
  };
}

async function createUser(
  transaction: Transaction<Tables>,
  user: UserRow,
  subject?: ProviderSubject,
): Promise<boolean> {
  if (subject) {
    const taken = transaction
      .selectFrom("provider_subjects")
      .select("owner")
      .where("issuer", "=", subject.issuer)
      .where("subject", "=", subject.subject);
    if (await taken.executeTakeFirst()) return false;
  }
  const row = {
    id: user.id,
    email: user.email,
    email_key: user.email.toLowerCase(),
    name: user.name,
    role: user.role,
    disabled: user.disabled ? 1 : 0,
    password_hash: user.passwordHash ?? null,
    created_at: user.createdAt,
    purpose: user.purpose ?? null,
  };
  const insert = transaction.insertInto("users").values(row);
  const made = await insert.onConflict((other) => other.column("email_key").doNothing()).executeTakeFirst();
  if (made.numInsertedOrUpdatedRows === 0n) return false;
  if (subject) {
    const { issuer, subject: name } = subject;
    await transaction
      .insertInto("provider_subjects")
      .values({ issuer, subject: name, owner: user.id })
      .execute();
  }
  return true;
}

async function revoke(transaction: Transaction<Tables>, ended: Revoke): Promise<readonly SessionId[]> {
  const { user, sessions, reason, at } = ended;
  let rows = transaction.deleteFrom("sessions").where("owner", "=", user);
  if (sessions !== "all") {
    rows =
      "only" in sessions ? rows.where("id", "=", sessions.only) : rows.where("id", "!=", sessions.except);
  }
  const gone = (await rows.returning("id").execute()).map(({ id }) => id as SessionId);
  if (sessions === "all") await transaction.deleteFrom("grants").where("owner", "=", user).execute();
  await record(transaction, recorded(sessions, gone), { user, reason, at });
  return gone;
}

/** All of a user is one revocation, also when there was no session: connections may be there that have none of ours. */
const recorded = (choice: SessionChoice, gone: readonly SessionId[]): readonly (SessionId | null)[] =>
  choice === "all" ? [null] : gone;

async function record(
  transaction: Transaction<Tables>,
  sessions: readonly (SessionId | null)[],
  { user, reason, at }: { user: UserId; reason: RevocationReason; at: number },
): Promise<void> {
  for (const session_id of sessions) {
    await transaction.insertInto("revocations").values({ owner: user, session_id, reason, at }).execute();
  }
}

async function sweep(transaction: Transaction<Tables>, now: number, forgetBefore: number): Promise<void> {
  await transaction
    .deleteFrom("revocations")
    .where("at", "<", forgetBefore)
    .where("id", "<", newest())
    .execute();
  await transaction.deleteFrom("grants").where("expires_at", "<=", now).execute();
  const expired = transaction
    .deleteFrom("sessions")
    .where("expires_at", "<=", now)
    .returning(["id", "owner"]);
  for (const { id, owner } of await expired.execute()) {
    const about = { user: owner as UserId, reason: "token_expired", at: now } as const;
    await record(transaction, [id as SessionId], about);
  }

  /** The newest stays, so that ids go on from it. */
  function newest() {
    return transaction.selectFrom("revocations").select((row) => row.fn.max("id").as("id"));
  }
}

type UserTableRow = Selectable<AccountsTables["users"]>;
type SessionTableRow = Selectable<AccountsTables["sessions"]>;

const userOf = (row: UserTableRow | undefined): UserRow | undefined => row && toUser(row);

function toUser(row: UserTableRow): UserRow {
  const { id, email, name, role, disabled, password_hash, created_at, purpose } = row;
  return {
    id: id as UserId,
    email,
    name,
    role,
    disabled: disabled === 1,
    ...(password_hash === null ? {} : { passwordHash: password_hash }),
    createdAt: created_at,
    ...(purpose === null ? {} : { purpose }),
  };
}

const sessionRow = (session: SessionRow): Omit<SessionTableRow, "number"> => ({
  id: session.id,
  owner: session.user,
  family_hash: session.familyHash,
  token_hash: session.tokenHash,
  previous_hash: session.previousHash ?? null,
  rotated_at: session.rotatedAt,
  created_at: session.createdAt,
  expires_at: session.expiresAt,
});

const toSession = (row: SessionTableRow): SessionRow => ({
  id: row.id as SessionId,
  user: row.owner as UserId,
  familyHash: row.family_hash,
  tokenHash: row.token_hash,
  ...(row.previous_hash === null ? {} : { previousHash: row.previous_hash }),
  rotatedAt: row.rotated_at,
  createdAt: row.created_at,
  expiresAt: row.expires_at,
});
