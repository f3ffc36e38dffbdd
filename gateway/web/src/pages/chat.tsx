/** A thread, or the start of a new one: its conversation and the field to write in. */
import type { ConversationRun, UserView } from "@trueline/client";
import { useClient, useConnection } from "@trueline/client/react";
import { type ReactNode, useCallback, useEffect, useRef, useState, useSyncExternalStore } from "react";
import { useAgents } from "../agents.ts";
import { useDraft } from "../draft.ts";
import type { Entry, Outbox } from "../outbox.ts";
import { Composer, type WhileActive } from "../parts/composer.tsx";
import { Note } from "../parts/note.tsx";
import { Queue } from "../parts/queue.tsx";
import { useShortcuts } from "../parts/use-shortcuts.ts";
import { activeRun, isQueued, type Turn } from "../turns.ts";
import { Conversation } from "./conversation.tsx";
import { Welcome } from "./welcome.tsx";

/** Before the first connection told the real one. */
const usualMaxLength = 100_000;
const noTurns: readonly Turn[] = [];

interface ChatProps {
  readonly user: UserView;
  readonly outbox: Outbox;
  /** Absent: a new thread, which its first message makes. */
  readonly threadId?: string;
  readonly turns?: readonly Turn[];
  readonly runs?: readonly ConversationRun[];
  /** Stands instead of the conversation while there is none. */
  readonly instead?: ReactNode;
}

export function Chat({ user, outbox, threadId, turns = noTurns, runs = [], instead }: ChatProps) {
  const connection = useConnection();
  const field = useRef<HTMLTextAreaElement>(null);
  const [draft, setDraft] = useDraft(user.id, threadId ?? "new");
  const pending = usePending(outbox, threadId, turns);
  const active = activeRun(turns);
  const agents = useAgents(runs.findLast((run) => run.agent !== undefined)?.agent);
  const acts = useRunActions(outbox, threadId);
  useFieldFocus(field);

  const send = useCallback(
    (text: string, whileActive?: WhileActive) =>
      outbox.send(text, {
        ...(threadId === undefined ? {} : { threadId }),
        ...(agents.agent === undefined ? {} : { agent: agents.agent }),
        ...(whileActive === undefined ? {} : { whileActive }),
      }),
    [outbox, threadId, agents.agent],
  );
  const edit = (text: string) => {
    setDraft(draft === "" ? text : `${text}\n${draft}`);
    field.current?.focus();
  };
  const stop = active && (() => acts.cancel(active.id));
  useShortcuts({ write: () => field.current?.focus(), ...(stop ? { stop } : {}) });

  const empty = turns.length === 0 && pending.length === 0;
  const online = connection.state === "online";
  return (
    <>
      {instead ??
        (empty ? (
          <Welcome
            user={user}
            agent={agents.agents.find((agent) => agent.name === agents.agent)}
            onStart={send}
          />
        ) : (
          <Conversation {...{ turns, runs, pending, outbox, online }} onRetry={send} onEdit={edit} />
        ))}
      <div className="composer composer-column">
        {acts.failure === undefined ? null : (
          <Note kind="bad" urgent>
            {acts.failure}
          </Note>
        )}
        <Queue
          turns={turns.filter((turn) => isQueued(turn) && !outbox.isTakenBack(turn.runId))}
          onSteer={(turn) => acts.steer(turn)}
          onTakeBack={(turn) => acts.takeBack(turn, edit)}
        />
        <Composer
          field={field}
          draft={draft}
          onDraft={setDraft}
          maxLength={connection.state === "online" ? connection.limits.maxTextLength : usualMaxLength}
          onSend={(whileActive) => {
            send(draft, active === undefined ? undefined : whileActive);
            setDraft("");
          }}
          onStop={stop}
          agents={agents.agents}
          agent={agents.agent}
          onAgent={agents.choose}
        />
      </div>
    </>
  );
}

/** What was sent from here and stands in no turn yet. */
function usePending(outbox: Outbox, threadId: string | undefined, turns: readonly Turn[]): readonly Entry[] {
  const entries = useSyncExternalStore(outbox.subscribe, outbox.entries);
  const accepted = new Set(turns.flatMap((turn) => turn.asked.map((message) => message.clientId)));
  return entries.filter((entry) => entry.threadId === threadId && !accepted.has(entry.id));
}

/** Stopping, taking back, steering: what may go wrong with them is said once, above the field. */
function useRunActions(outbox: Outbox, threadId: string | undefined) {
  const client = useClient();
  const [failure, setFailure] = useState<string | undefined>(undefined);

  const cancel = (runId: string): Promise<boolean> => {
    setFailure(undefined);
    return client.cancel(runId).then(
      () => true,
      (error: unknown) => {
        setFailure(`It could not be stopped: ${error instanceof Error ? error.message : String(error)}`);
        return false;
      },
    );
  };
  const takeBack = async (turn: Turn, use: (text: string) => void): Promise<void> => {
    const text = turn.asked[0]?.text;
    if (text === undefined) return;
    // Before it is cancelled, so that it does not show up as a stopped answer in between.
    outbox.setTakenBack(turn.runId, true);
    if (await cancel(turn.runId)) use(text);
    else outbox.setTakenBack(turn.runId, false);
  };
  const steer = (turn: Turn): Promise<void> =>
    takeBack(turn, (text) =>
      outbox.send(text, { ...(threadId === undefined ? {} : { threadId }), whileActive: "steer" }),
    );
  return { failure, cancel, takeBack, steer };
}

/** On a touch screen the focus would bring up the keyboard over the conversation. */
function useFieldFocus(field: { readonly current: HTMLTextAreaElement | null }): void {
  useEffect(() => {
    if (matchMedia("(hover: hover)").matches) field.current?.focus();
  }, [field]);
}
