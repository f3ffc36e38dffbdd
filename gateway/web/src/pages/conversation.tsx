/** The turns of a thread, from the first question to the piece of answer that came just now. */
import type { ConversationRun } from "@trueline/client";
import { useEffect, useRef } from "react";
import type { Entry, Outbox } from "../outbox.ts";
import { Announcer } from "../parts/announcer.tsx";
import { Answer } from "../parts/answer.tsx";
import { Icon } from "../parts/icon.tsx";
import { Pending, Said } from "../parts/said.tsx";
import { useStickToEnd } from "../parts/use-stick-to-end.ts";
import { isQueued, type Turn } from "../turns.ts";

interface ConversationProps {
  readonly runs: readonly ConversationRun[];
  readonly turns: readonly Turn[];
  readonly pending: readonly Entry[];
  readonly outbox: Outbox;
  readonly online: boolean;
  readonly onRetry: (text: string) => void;
  readonly onEdit: (text: string) => void;
}

export function Conversation({ runs, turns, pending, outbox, online, onRetry, onEdit }: ConversationProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const column = useRef<HTMLDivElement>(null);
  const { atEnd, toEnd } = useStickToEnd(scroller, column);

  // Whoever sends wants to see it.
  const sent = pending.length;
  useEffect(() => {
    if (sent > 0) toEnd();
  }, [sent, toEnd]);

  return (
    <div className="talk-frame">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it */}
      <section ref={scroller} className="talk" aria-label="Conversation" tabIndex={0}>
        <div ref={column} className="talk-column">
          {turns
            .filter((turn) => !isQueued(turn) && !outbox.isTakenBack(turn.runId))
            .map((turn) => (
              <TurnView key={turn.runId} turn={turn} onRetry={onRetry} />
            ))}
          {pending.map((entry) => (
            <Pending key={entry.id} entry={entry} outbox={outbox} online={online} onEdit={onEdit} />
          ))}
        </div>
      </section>
      {atEnd ? null : (
        <button
          type="button"
          className="icon-button to-end"
          aria-label="To the end"
          title="To the end"
          onClick={toEnd}
        >
          <Icon name="down" />
        </button>
      )}
      <Announcer runs={runs} />
    </div>
  );
}

function TurnView({ turn, onRetry }: { readonly turn: Turn; readonly onRetry: (text: string) => void }) {
  return (
    <>
      {turn.asked.map((message, index) => (
        <Said key={message.id} message={message} steered={index > 0} />
      ))}
      <Answer turn={turn} onRetry={onRetry} />
    </>
  );
}
