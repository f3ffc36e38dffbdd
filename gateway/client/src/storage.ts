/** Where a session is kept: in memory, or in the browser, shared by its tabs. */
import type { SessionStorage, StoredSession } from "./options.ts";

export function memoryStorage(session?: StoredSession): SessionStorage {
  let stored = session;
  return {
    read: () => stored,
    write(next) {
      stored = next;
    },
  };
}

/**
 * In `localStorage`, so that a page that is loaded again, and other tabs, stay signed in. Tabs take turns to refresh by a
 * Web Lock where there is one (secure pages: HTTPS and localhost). Without it they only look before they refresh.
 */
export function browserStorage(key = "trueline.session"): SessionStorage {
  return {
    read: () => parseSession(localStorage.getItem(key)),
    write(session) {
      if (session) localStorage.setItem(key, JSON.stringify(session));
      else localStorage.removeItem(key);
    },
    watch(onChange) {
      // Null: the whole storage was cleared.
      const onStorage = (event: StorageEvent): void => {
        if (event.key === key || event.key === null) onChange();
      };
      addEventListener("storage", onStorage);
      return () => removeEventListener("storage", onStorage);
    },
    exclusively: async (act) =>
      // The types take locks for granted; a page over plain HTTP has none.
      (navigator.locks as LockManager | undefined) ? await navigator.locks.request(key, act) : await act(),
  };
}

/** What an older version or another program left there counts as signed out. */
function parseSession(text: string | null): StoredSession | undefined {
  if (text === null) return undefined;
  let value: Partial<StoredSession> | null;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { accessToken, refreshToken, expiresAt, user } = value ?? {};
  const whole =
    typeof accessToken === "string" &&
    typeof refreshToken === "string" &&
    typeof expiresAt === "number" &&
    typeof user?.id === "string";
  return whole ? { accessToken, refreshToken, expiresAt, user } : undefined;
}
