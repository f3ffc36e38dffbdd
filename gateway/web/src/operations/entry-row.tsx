/** One entry of the audit log as a row: people by their e-mail where it is known, ids only for who asks. */
import type { AuditEntryView } from "@trueline/client";
import { formatTime } from "../format.ts";

/** E-mail by id. */
export type KnownUsers = ReadonlyMap<string, string>;

export function EntryRow({ entry, known }: { readonly entry: AuditEntryView; readonly known: KnownUsers }) {
  return (
    <tr>
      <td className="number">{entry.seq}</td>
      <td>
        <time dateTime={entry.at}>{formatTime(entry.at)}</time>
      </td>
      <td>
        <code>{entry.action}</code>
      </td>
      <Person id={entry.user} known={known} />
      {entry.by === entry.user ? <td>the same</td> : <Person id={entry.by} known={known} />}
      <td>{entry.address ?? "–"}</td>
      <td className="detail">
        <Detail detail={entry.detail} />
      </td>
    </tr>
  );
}

function Person({ id, known }: { readonly id: string | null; readonly known: KnownUsers }) {
  const email = id === null ? undefined : known.get(id);
  return (
    <td className={email === undefined ? "id" : undefined} title={id ?? undefined}>
      {email ?? id ?? "–"}
    </td>
  );
}

/** What is short stands in the line; of ids only the names, until somebody wants to see them. */
function Detail({ detail }: Pick<AuditEntryView, "detail">) {
  const facts = Object.entries(detail).map(([name, value]) => ({ name, text: plain(value) }));
  if (facts.length === 0) return "–";
  if (facts.every(isShort)) return facts.map(({ name, text }) => `${name}: ${text}`).join(" · ");
  return (
    <details>
      <summary>
        {facts.map((fact) => (isShort(fact) ? `${fact.name}: ${fact.text}` : fact.name)).join(" · ")}
      </summary>
      <dl>
        {facts.map(({ name, text }) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}

const isShort = ({ text }: { readonly text: string }): boolean => text.length <= 20;

const plain = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));
