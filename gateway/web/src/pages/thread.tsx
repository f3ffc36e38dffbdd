/** One thread: what is shown of it while it loads, when it is gone, and when it is there. */
import type { UserView } from "@trueline/client";
import { type ThreadState, useThread } from "@trueline/client/react";
import { useMemo } from "react";
import { sentence } from "../format.ts";
import type { Outbox } from "../outbox.ts";
import { Blank } from "../parts/blank.tsx";
import { Note } from "../parts/note.tsx";
import { newThreadHref } from "../route.ts";
import { turnsOf } from "../turns.ts";
import { Chat } from "./chat.tsx";

interface ThreadPageProps {
  readonly threadId: string;
  readonly user: UserView;
  readonly outbox: Outbox;
}

export function ThreadPage({ threadId, user, outbox }: ThreadPageProps) {
  const thread = useThread(threadId);
  const ready = thread.status === "ready" ? thread : undefined;
  const turns = useMemo(() => (ready === undefined ? [] : turnsOf(ready)), [ready]);

  if (thread.status === "deleted") {
    return (
      <Blank title="This thread is not there" link={{ href: newThreadHref, label: "New thread" }}>
        It was deleted, or it belongs to somebody else.
      </Blank>
    );
  }
  return (
    <Chat
      user={user}
      outbox={outbox}
      threadId={threadId}
      turns={turns}
      runs={ready?.runs ?? []}
      {...(ready === undefined ? { instead: <Loading thread={thread} /> } : {})}
    />
  );
}

function Loading({ thread }: { readonly thread: ThreadState }) {
  const failure = thread.status === "loading" ? thread.failure : undefined;
  if (failure === undefined) return <Blank title="Loading…" />;
  return (
    <div className="boundary">
      <Note kind="warn" urgent>
        <strong>This thread could not be loaded yet.</strong> {sentence(failure.message)} It is tried again by
        itself.
      </Note>
    </div>
  );
}
