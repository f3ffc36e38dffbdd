/** One thread in the list: its link, and renaming and deleting it in place. */
import type { ThreadView } from "@trueline/client";
import { useClient } from "@trueline/client/react";
import { useEffect, useRef, useState } from "react";
import { sentence } from "../format.ts";
import { threadHref } from "../route.ts";
import { Confirm } from "./dialog.tsx";
import { Icon } from "./icon.tsx";
import { Note } from "./note.tsx";

type Doing =
  | { readonly what: "nothing" }
  | { readonly what: "renaming" }
  | { readonly what: "asking" }
  | { readonly what: "deleting" }
  | { readonly what: "failed"; readonly message: string };

interface ThreadItemProps {
  readonly thread: ThreadView;
  readonly current: boolean;
  readonly onDeleted: (threadId: string) => void;
}

export function ThreadItem({ thread, current, onDeleted }: ThreadItemProps) {
  const client = useClient();
  const [doing, setDoing] = useState<Doing>({ what: "nothing" });
  const idle = () => setDoing({ what: "nothing" });
  const failed = (error: unknown) =>
    setDoing({ what: "failed", message: sentence(error instanceof Error ? error.message : String(error)) });

  const rename = (title: string) => {
    if (title === "" || title === thread.title) idle();
    else client.threads.rename(thread.id, title).then(idle, failed);
  };
  const remove = () => {
    setDoing({ what: "deleting" });
    client.threads.delete(thread.id).then(() => onDeleted(thread.id), failed);
  };

  return (
    <li>
      <div className={`thread ${current ? "current" : ""}`}>
        {doing.what === "renaming" ? (
          <RenameForm title={thread.title} onRename={rename} onCancel={idle} />
        ) : (
          <>
            <a href={threadHref(thread.id)} aria-current={current ? "page" : undefined} title={thread.title}>
              {thread.title}
            </a>
            <span className="thread-tools">
              <Tool
                icon="pencil"
                label={`Rename ${thread.title}`}
                onClick={() => setDoing({ what: "renaming" })}
              />
              <Tool
                icon="trash"
                label={`Delete ${thread.title}`}
                onClick={() => setDoing({ what: "asking" })}
              />
            </span>
          </>
        )}
      </div>
      {doing.what === "failed" ? (
        <Note kind="bad" urgent>
          {doing.message}{" "}
          <button type="button" className="link-button" onClick={idle}>
            Close
          </button>
        </Note>
      ) : null}
      {doing.what === "asking" || doing.what === "deleting" ? (
        <Confirm
          title="Delete this thread?"
          action="Delete"
          busy={doing.what === "deleting"}
          onConfirm={remove}
          onClose={idle}
        >
          <p>“{thread.title}” and all its messages are deleted, for good. A running answer is stopped.</p>
        </Confirm>
      ) : null}
    </li>
  );
}

function Tool({ icon, label, onClick }: { icon: "pencil" | "trash"; label: string; onClick: () => void }) {
  return (
    <button type="button" className="icon-button" aria-label={label} title={label} onClick={onClick}>
      <Icon name={icon} size={16} />
    </button>
  );
}

interface RenameFormProps {
  readonly title: string;
  readonly onRename: (title: string) => void;
  readonly onCancel: () => void;
}

function RenameForm({ title, onRename, onCancel }: RenameFormProps) {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.select(), []);
  const submit = () => onRename(input.current?.value.trim() ?? "");
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <input
        ref={input}
        className="input small"
        aria-label="New title"
        defaultValue={title}
        maxLength={200}
        onBlur={submit}
        onKeyDown={(event) => {
          if (event.key !== "Escape") return;
          event.stopPropagation();
          onCancel();
        }}
      />
    </form>
  );
}
