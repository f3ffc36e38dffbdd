/** `Accounts` in memory, for tests and examples. It survives nothing. Runs the suite in accounts-suite.ts. */
import type { SessionId, UserId } from "@trueline/kit";
import type {
  Accounts,
  Grant,
  ProviderSubject,
  RevocationRow,
  Revoke,
  SessionRow,
  UserRow,
} from "../ports/accounts.ts";

export function createMemoryAccounts(): Accounts {
  const users = new Map<UserId, UserRow>();
  const subjects = new Map<string, UserId>();
  const sessions = new Map<SessionId, SessionRow>();
  const grants = new Map<string, Grant>();
  const secrets = new Map<string, string>();
  let revocations: RevocationRow[] = [];
  let lastRevocation = 0;

  const byEmail = (email: string): UserRow | undefined =>
    [...users.values()].find((user) => user.email.toLowerCase() === email.toLowerCase());

  function createUser(user: UserRow, subject?: ProviderSubject): boolean {
    if (byEmail(user.email) || (subject && subjects.has(subjectKey(subject)))) return false;
    users.set(user.id, user);
    if (subject) subjects.set(subjectKey(subject), user.id);
    return true;
  }

  function change(id: UserId, fields: Partial<UserRow>): boolean {
    const user = users.get(id);
    if (user) users.set(id, { ...user, ...fields });
    return user !== undefined;
  }

  function record(row: Omit<RevocationRow, "id">): void {
    lastRevocation++;
    revocations.push({ ...row, id: lastRevocation });
  }

  function revoke({ user, sessions: choice, reason, at }: Revoke): readonly SessionId[] {
    const own = [...sessions.values()].filter((session) => session.user === user);
    const gone = own.map(({ id }) => id).filter((id) => isChosen(choice, id));
    for (const id of gone) sessions.delete(id);
    if (choice !== "all") {
      for (const session of gone) record({ user, session, reason, at });
      return gone;
    }
    for (const [key, grant] of grants) if (grant.user === user) grants.delete(key);
    record({ user, session: null, reason, at });
    return gone;
  }

  return {
    createUser: async (user, subject) => createUser(user, subject),
    createFirstUser: async (user) =>
      [...users.values()].every(({ purpose }) => purpose !== undefined) && createUser(user),
    getUser: async (id) => users.get(id),
    findUserByEmail: async (email) => byEmail(email),
    async findUserBySubject(subject) {
      const id = subjects.get(subjectKey(subject));
      return id && users.get(id);
    },
    async listUsers({ after, limit }) {
      const sorted = [...users.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
      return sorted.filter(({ id }) => after === undefined || id > after).slice(0, limit);
    },
    async setPassword(user, passwordHash, ended) {
      const known = change(user, { passwordHash });
      if (known) revoke(ended);
      return known;
    },
    async setDisabled(user, disabled, at) {
      const known = change(user, { disabled });
      if (known && disabled) revoke({ user, sessions: "all", reason: "user_disabled", at });
      return known;
    },
    async createSession(session, checked) {
      const user = users.get(session.user);
      if (!user || user.disabled || (checked && user.passwordHash !== checked.passwordHash)) return false;
      sessions.set(session.id, session);
      return true;
    },
    async findSession(id) {
      const session = sessions.get(id);
      const user = session && users.get(session.user);
      return session && user ? { session, user } : undefined;
    },
    listSessions: async (user) => [...sessions.values()].filter((session) => session.user === user).reverse(),
    async rotate(id, { from, to, at }) {
      const session = sessions.get(id);
      if (session?.tokenHash !== from) return false;
      sessions.set(id, { ...session, tokenHash: to, previousHash: from, rotatedAt: at });
      return true;
    },
    revoke: async (ended) => revoke(ended),
    async putGrant(grant) {
      grants.set(grantKey(grant), grant);
    },
    async takeGrant(kind, hash, now) {
      const key = grantKey({ kind, hash });
      const grant = grants.get(key);
      grants.delete(key);
      return grant && now < grant.expiresAt ? grant.value : undefined;
    },
    revocationsAfter: async (after) => revocations.filter(({ id }) => id > after),
    lastRevocation: async () => lastRevocation,
    async sweep(now, forgetBefore) {
      revocations = revocations.filter(({ at }) => at >= forgetBefore);
      for (const [key, { expiresAt }] of grants) if (expiresAt <= now) grants.delete(key);
      for (const { id, user, expiresAt } of [...sessions.values()]) {
        if (expiresAt > now) continue;
        sessions.delete(id);
        record({ user, session: id, reason: "token_expired", at: now });
      }
    },
    async keepSecret(name, proposed) {
      const kept = secrets.get(name) ?? proposed;
      secrets.set(name, kept);
      return kept;
    },
  };
}

function isChosen(choice: Revoke["sessions"], id: SessionId): boolean {
  if (choice === "all") return true;
  return "only" in choice ? choice.only === id : choice.except !== id;
}

const subjectKey = ({ issuer, subject }: ProviderSubject): string => JSON.stringify([issuer, subject]);
const grantKey = ({ kind, hash }: Pick<Grant, "kind" | "hash">): string => `${kind} ${hash}`;
