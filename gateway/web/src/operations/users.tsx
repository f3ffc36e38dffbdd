/** Who has an account, and what an administrator may do to it: end the sessions, disable, enable. */
import type { AdminUserView } from "@trueline/client";
import { useClient } from "@trueline/client/react";
import { useCallback, useEffect, useState } from "react";
import { plural, sentence } from "../format.ts";
import { Confirm } from "../parts/dialog.tsx";
import { Note } from "../parts/note.tsx";
import { actOnUser, listUsers, type UserAction } from "./calls.ts";
import { useLoaded } from "./use-loaded.ts";

interface Asked {
  readonly user: AdminUserView;
  readonly action: UserAction;
}

type Doing =
  | { readonly state: "nothing" }
  | ({ readonly state: "asking" | "busy" } & Asked)
  | { readonly state: "failed"; readonly message: string };

interface UsersProps {
  readonly ownId: string;
  /** Tells which users were read. */
  readonly onUsers: (users: readonly AdminUserView[]) => void;
}

export function Users({ ownId, onUsers }: UsersProps) {
  const client = useClient();
  const [pages, setPages] = useState<readonly string[]>([]);
  const [done, setDone] = useState(0);
  const [doing, setDoing] = useState<Doing>({ state: "nothing" });
  const after = pages.at(-1);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what was done to a user shows in the next answer
  const load = useCallback((signal: AbortSignal) => listUsers(client, after, signal), [client, after, done]);
  const loaded = useLoaded(load);
  const users = loaded.state === "loading" ? undefined : loaded.value;
  useEffect(() => onUsers(users?.users ?? []), [users, onUsers]);

  const act = ({ user, action }: Asked) => {
    setDoing({ state: "busy", user, action });
    actOnUser(client, user.id, action).then(
      () => {
        setDoing({ state: "nothing" });
        setDone((count) => count + 1);
      },
      (error: unknown) =>
        setDoing({
          state: "failed",
          message: sentence(error instanceof Error ? error.message : String(error)),
        }),
    );
  };
  const asked = doing.state === "asking" || doing.state === "busy" ? doing : undefined;

  return (
    <section aria-labelledby="ops-users">
      <h2 id="ops-users">Users</h2>
      {loaded.state === "loading" ? <p className="quiet">Loading…</p> : null}
      {loaded.state === "failed" ? (
        <Note kind="bad" urgent>
          The users could not be read. {loaded.message}
        </Note>
      ) : null}
      {doing.state === "failed" ? (
        <Note kind="bad" urgent>
          That did not happen. {doing.message}
        </Note>
      ) : null}
      {users === undefined ? null : (
        <UserTable users={users.users} ownId={ownId} onAsk={(ask) => setDoing({ state: "asking", ...ask })} />
      )}
      <div className="pager">
        <button
          type="button"
          className="button small"
          disabled={pages.length === 0}
          onClick={() => setPages(pages.slice(0, -1))}
        >
          Back
        </button>
        <button
          type="button"
          className="button small"
          disabled={users?.next === undefined}
          onClick={() => users?.next !== undefined && setPages([...pages, users.next])}
        >
          More
        </button>
      </div>
      {asked === undefined ? null : (
        <Confirm
          title={`${questions[asked.action].title} ${asked.user.email}?`}
          action={questions[asked.action].verb}
          busy={asked.state === "busy"}
          onConfirm={() => act(asked)}
          onClose={() => setDoing({ state: "nothing" })}
        >
          <p>{questions[asked.action].means}</p>
        </Confirm>
      )}
    </section>
  );
}

const questions = {
  revoke: {
    title: "End all sessions of",
    verb: "End sessions",
    means:
      "All devices are signed out and their connections closed within a second. Running answers go on. The user can sign in again.",
  },
  disable: {
    title: "Disable",
    verb: "Disable",
    means:
      "All devices are signed out and their connections closed within a second, and the user cannot sign in until you enable the account again.",
  },
  enable: { title: "Enable", verb: "Enable", means: "The user can sign in again." },
} as const satisfies Record<UserAction, { title: string; verb: string; means: string }>;

interface UserTableProps {
  readonly users: readonly AdminUserView[];
  readonly ownId: string;
  readonly onAsk: (asked: Asked) => void;
}

function UserTable({ users, ownId, onAsk }: UserTableProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a wide table must be scrollable by keyboard
    <section className="table-scroll" tabIndex={0} aria-label="User accounts">
      <table className="data">
        <thead>
          <tr>
            <th scope="col">User</th>
            <th scope="col">Role</th>
            <th scope="col">Now</th>
            <th scope="col">
              <span className="unseen">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {users.map((user) => (
            <UserRow key={user.id} user={user} own={user.id === ownId} onAsk={onAsk} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function UserRow({
  user,
  own,
  onAsk,
}: {
  user: AdminUserView;
  own: boolean;
  onAsk: UserTableProps["onAsk"];
}) {
  const toggle = user.disabled ? "enable" : "disable";
  return (
    <tr>
      <th scope="row">
        {user.name}
        <small>{user.email}</small>
      </th>
      <td>
        {user.role} {user.disabled ? <span className="badge bad">disabled</span> : null}
      </td>
      <td>
        {plural(user.connections, "connection")}, {plural(user.sessions, "session")}
      </td>
      <td>
        <div className="row-actions">
          <button
            type="button"
            className="button small"
            disabled={user.sessions === 0}
            onClick={() => onAsk({ user, action: "revoke" })}
          >
            End sessions
          </button>
          {own ? null : (
            <button
              type="button"
              className={`button small ${user.disabled ? "" : "danger"}`}
              onClick={() => onAsk({ user, action: toggle })}
            >
              {user.disabled ? "Enable" : "Disable"}
            </button>
          )}
        </div>
      </td>
    </tr>
  );
}
