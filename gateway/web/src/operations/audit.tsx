/** Who did what, newest first: searched by user and action, a page at a time. */
import type { AuditResponse } from "@trueline/client";
import { useClient } from "@trueline/client/react";
import { useCallback, useState } from "react";
import { Note } from "../parts/note.tsx";
import { type AuditFilter, searchAudit } from "./calls.ts";
import { EntryRow, type KnownUsers } from "./entry-row.tsx";
import { useLoaded } from "./use-loaded.ts";

const everything: AuditFilter = { user: "", action: "" };

export function Audit({ known }: { readonly known: KnownUsers }) {
  const client = useClient();
  const [filter, setFilter] = useState(everything);
  /** `before` of each page that was turned to; the last is the one shown. */
  const [pages, setPages] = useState<readonly number[]>([]);
  const before = pages.at(-1);
  const load = useCallback(
    (signal: AbortSignal) => searchAudit(client, filter, before, signal),
    [client, filter, before],
  );
  const loaded = useLoaded(load);

  return (
    <section aria-labelledby="ops-audit">
      <h2 id="ops-audit">Audit</h2>
      <AuditForm
        onSearch={(wanted) => {
          setPages([]);
          setFilter(wanted);
        }}
      />
      {loaded.state === "loading" ? <p className="quiet">Loading…</p> : null}
      {loaded.state === "failed" ? (
        <Note kind="bad" urgent>
          The audit log could not be read. {loaded.message}
        </Note>
      ) : null}
      {loaded.state === "ready" ? <Entries page={loaded.value} known={known} /> : null}
      <div className="pager">
        <button
          type="button"
          className="button small"
          disabled={pages.length === 0}
          onClick={() => setPages(pages.slice(0, -1))}
        >
          Newer
        </button>
        <OlderButton
          loaded={loaded.state === "ready" ? loaded.value : undefined}
          onOlder={(next) => setPages([...pages, next])}
        />
      </div>
    </section>
  );
}

function OlderButton({
  loaded,
  onOlder,
}: {
  loaded: AuditResponse | undefined;
  onOlder: (next: number) => void;
}) {
  const next = loaded?.next;
  return (
    <button
      type="button"
      className="button small"
      disabled={next === undefined}
      onClick={() => next !== undefined && onOlder(next)}
    >
      Older
    </button>
  );
}

function AuditForm({ onSearch }: { readonly onSearch: (filter: AuditFilter) => void }) {
  const search = (form: FormData) => {
    const text = (name: string) => String(form.get(name) ?? "").trim();
    onSearch({ user: text("user"), action: text("action") });
  };
  return (
    <search>
      <form
        className="filter"
        onSubmit={(event) => {
          event.preventDefault();
          search(new FormData(event.currentTarget));
        }}
      >
        <input
          name="user"
          className="input small"
          aria-label="User: e-mail or id"
          placeholder="E-mail or id of a user"
        />
        <input
          name="action"
          className="input small"
          aria-label="Action"
          placeholder="Action, such as login"
        />
        <button type="submit" className="button small">
          Search
        </button>
      </form>
    </search>
  );
}

function Entries({ page, known }: { readonly page: AuditResponse; readonly known: KnownUsers }) {
  if (page.entries.length === 0) return <p className="quiet">No entry fits.</p>;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a wide table must be scrollable by keyboard
    <section className="table-scroll" tabIndex={0} aria-label="Audit entries">
      <table className="data">
        <thead>
          <tr>
            <th scope="col" className="number">
              No.
            </th>
            <th scope="col">Time</th>
            <th scope="col">Action</th>
            <th scope="col">User</th>
            <th scope="col">By</th>
            <th scope="col">Address</th>
            <th scope="col">Detail</th>
          </tr>
        </thead>
        <tbody>
          {page.entries.map((entry) => (
            <EntryRow key={entry.seq} entry={entry} known={known} />
          ))}
        </tbody>
      </table>
    </section>
  );
}
