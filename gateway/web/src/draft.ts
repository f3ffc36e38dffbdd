/** What a person is writing, per user and thread: it survives reload, reconnect and a crash of the tab. */
import { useCallback, useEffect, useRef, useState } from "react";
import { readStored, storedKeys, writeStored } from "./stored.ts";

const saveAfterMs = 250;
const draftKey = (userId: string, thread: string): string => `draft.${userId}.${thread}`;

/** Of each draft on the page: drops what is not saved yet. */
const shown = new Set<() => void>();

/** `thread` is "new" for one that does not exist yet. */
export function useDraft(userId: string, thread: string): readonly [string, (text: string) => void] {
  const key = draftKey(userId, thread);
  const [draft, setDraft] = useState(() => readStored(key) ?? "");
  const unsaved = useRef<string | undefined>(undefined);

  const save = useCallback(() => {
    if (unsaved.current === undefined) return;
    writeStored(key, unsaved.current === "" ? undefined : unsaved.current);
    unsaved.current = undefined;
  }, [key]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the draft is what restarts the wait
  useEffect(() => {
    const timer = setTimeout(save, saveAfterMs);
    return () => clearTimeout(timer);
  }, [draft, save]);

  useEffect(() => {
    const drop = () => {
      unsaved.current = undefined;
    };
    shown.add(drop);
    addEventListener("pagehide", save);
    return () => {
      shown.delete(drop);
      removeEventListener("pagehide", save);
      save();
    };
  }, [save]);

  const change = useCallback(
    (text: string) => {
      unsaved.current = text;
      setDraft(text);
      // An emptied draft was sent: it must not come back after a crash.
      if (text === "") save();
    },
    [save],
  );
  return [draft, change];
}

/** On sign-out: what was written stays with no one else who uses this browser. */
export function forgetDrafts(userId: string): void {
  for (const drop of shown) drop();
  for (const key of storedKeys(draftKey(userId, ""))) writeStored(key, undefined);
}
