/** What the user wrote: accepted by the server, or on its way there. */
import type { MessageView } from "@trueline/client";
import type { Entry, Outbox } from "../outbox.ts";
import { useSecondsUntil } from "../use-now.ts";

export function Said({ message, steered }: { readonly message: MessageView; readonly steered: boolean }) {
  return (
    <div className="said">
      <h2 className="unseen">You wrote</h2>
      <p className="said-text">{message.text}</p>
      {steered ? <p className="said-note">Sent into the running answer</p> : null}
    </div>
  );
}

interface PendingProps {
  readonly entry: Entry;
  readonly outbox: Outbox;
  readonly online: boolean;
  /** Takes the text back into the field. */
  readonly onEdit: (text: string) => void;
}

export function Pending({ entry, outbox, online, onEdit }: PendingProps) {
  const edit = () => {
    outbox.discard(entry.id);
    onEdit(entry.text);
  };
  return (
    <div className={`said ${entry.state === "sending" ? "pending" : ""}`}>
      <h2 className="unseen">You are sending</h2>
      <p className="said-text">{entry.text}</p>
      {entry.state === "sending" ? (
        <p className="said-note">{online ? "Sending…" : "Will be sent when you are online again"}</p>
      ) : (
        <Refused entry={entry} onRetry={() => outbox.retry(entry.id)} onEdit={edit} />
      )}
    </div>
  );
}

interface RefusedProps {
  readonly entry: Extract<Entry, { state: "refused" }>;
  readonly onRetry: () => void;
  readonly onEdit: () => void;
}

function Refused({ entry, onRetry, onEdit }: RefusedProps) {
  const seconds = useSecondsUntil(entry.retryAt);
  return (
    <div className="said-note bad" role="alert">
      <span>Not sent. {entry.message}</span>
      <button type="button" className="link-button" disabled={seconds > 0} onClick={onRetry}>
        {seconds > 0 ? `Try again in ${seconds} s` : "Try again"}
      </button>
      <button type="button" className="link-button" onClick={onEdit}>
        Edit
      </button>
    </div>
  );
}
