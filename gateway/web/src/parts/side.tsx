/** The side: new thread, search, the list of threads, and who is signed in. */
import type { ThreadView, UserView } from "@trueline/client";
import { type RefObject, useDeferredValue, useMemo, useState } from "react";
import { dayGroup } from "../format.ts";
import { newThreadHref, operationsHref, type Route } from "../route.ts";
import { Icon, Mark } from "./icon.tsx";
import { ThemeButton } from "./theme-button.tsx";
import { ThreadItem } from "./thread-item.tsx";

interface SideProps {
  readonly user: UserView;
  readonly route: Route;
  /** Newest first; undefined until they are loaded. */
  readonly threads: readonly ThreadView[] | undefined;
  /** Why they could not be loaded the last time; it is tried again by itself. */
  readonly failure: Error | undefined;
  readonly search: RefObject<HTMLInputElement | null>;
  readonly onDeleted: (threadId: string) => void;
  readonly onKeys: () => void;
  readonly onSignOut: () => void;
  /** There where the side lies over the page. */
  readonly onClose?: () => void;
}

export function Side({
  user,
  route,
  threads,
  failure,
  search,
  onDeleted,
  onKeys,
  onSignOut,
  onClose,
}: SideProps) {
  const [query, setQuery] = useState("");
  return (
    <aside className="side" aria-label="Threads">
      <div className="side-head">
        <a className="brand" href={newThreadHref} aria-label="Trueline, new thread">
          <Mark />
          Trueline
        </a>
        {onClose === undefined ? null : (
          <button type="button" className="icon-button" aria-label="Close the list" onClick={onClose}>
            <Icon name="close" />
          </button>
        )}
      </div>
      <div className="side-tools">
        <a
          className="button plain-link"
          href={newThreadHref}
          aria-current={route.page === "new" ? "page" : undefined}
        >
          <Icon name="plus" />
          New thread
        </a>
        <div className="search">
          <Icon name="search" size={16} />
          <input
            ref={search}
            type="search"
            className="input small"
            aria-label="Search threads"
            placeholder="Search threads"
            value={query}
            onChange={(event) => setQuery(event.target.value)}
          />
        </div>
      </div>
      <ThreadNav threads={threads} failure={failure} query={query} route={route} onDeleted={onDeleted} />
      <div className="side-foot">
        <div className="who">
          <span>{user.name}</span>
          <small>{user.email}</small>
        </div>
        <div className="side-foot-tools">
          {user.role === "administrator" ? (
            <a className="icon-button" href={operationsHref} aria-label="Operations" title="Operations">
              <Icon name="pulse" />
            </a>
          ) : null}
          <ThemeButton />
          <button
            type="button"
            className="icon-button"
            aria-label="Keyboard shortcuts"
            title="Keyboard shortcuts (?)"
            onClick={onKeys}
          >
            <Icon name="keyboard" />
          </button>
          <button
            type="button"
            className="icon-button"
            aria-label="Sign out"
            title="Sign out"
            onClick={onSignOut}
          >
            <Icon name="leave" />
          </button>
        </div>
      </div>
    </aside>
  );
}

interface ThreadNavProps {
  readonly threads: readonly ThreadView[] | undefined;
  readonly failure: Error | undefined;
  readonly query: string;
  readonly route: Route;
  readonly onDeleted: (threadId: string) => void;
}

function ThreadNav({ threads, failure, query, route, onDeleted }: ThreadNavProps) {
  const wanted = useDeferredValue(query.trim().toLocaleLowerCase());
  const groups = useMemo(() => {
    const found = (threads ?? []).filter((thread) => thread.title.toLocaleLowerCase().includes(wanted));
    return [...Map.groupBy(found, (thread) => dayGroup(thread.updatedAt))];
  }, [threads, wanted]);

  return (
    <nav className="threads" aria-label="Threads">
      {groups.map(([day, members]) => (
        <section key={day} aria-label={day}>
          <h3>{day}</h3>
          <ul>
            {members.map((thread) => (
              <ThreadItem
                key={thread.id}
                thread={thread}
                current={route.page === "thread" && route.threadId === thread.id}
                onDeleted={onDeleted}
              />
            ))}
          </ul>
        </section>
      ))}
      {groups.length === 0 ? <p className="threads-empty">{emptyText(threads, failure, wanted)}</p> : null}
    </nav>
  );
}

function emptyText(
  threads: readonly ThreadView[] | undefined,
  failure: Error | undefined,
  wanted: string,
): string {
  if (threads === undefined) return failure === undefined ? "Loading…" : "Could not be loaded; trying again.";
  return wanted === "" ? "Your threads will stand here." : "No thread has this in its title.";
}
