/** Keyboard shortcuts of the page. One table says what there is; the dialog that shows them reads the same table. */
import { useEffect, useRef } from "react";

export const shortcuts = {
  search: { keys: ["Ctrl", "K"], does: "Search threads" },
  newThread: { keys: ["Ctrl", "Shift", "O"], does: "New thread" },
  write: { keys: ["/"], does: "Write a message" },
  stop: { keys: ["Ctrl", "."], does: "Stop the answer" },
  help: { keys: ["?"], does: "Show these shortcuts" },
} as const;

export type Shortcut = keyof typeof shortcuts;

const isMac = /mac|iphone|ipad/i.test(navigator.platform);

/** The keys as they are called on this machine. */
export const keyNames = (shortcut: Shortcut): readonly string[] =>
  shortcuts[shortcut].keys.map((key) => (isMac && key === "Ctrl" ? "⌘" : key));

/** Calls what is given for a shortcut; several parts of the page may each listen for their own. */
export function useShortcuts(actions: Partial<Readonly<Record<Shortcut, () => void>>>): void {
  const latest = useRef(actions);
  useEffect(() => {
    latest.current = actions;
  });

  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const shortcut = shortcutOf(event);
      const act = shortcut && latest.current[shortcut];
      if (act === undefined || document.querySelector("dialog[open]") !== null) return;
      event.preventDefault();
      act();
    };
    addEventListener("keydown", onKeyDown);
    return () => removeEventListener("keydown", onKeyDown);
  }, []);
}

function shortcutOf(event: KeyboardEvent): Shortcut | undefined {
  if (event.isComposing || event.altKey) return undefined;
  const key = event.key.toLowerCase();
  if (event.ctrlKey || event.metaKey) {
    if (event.shiftKey) return key === "o" ? "newThread" : undefined;
    if (key === "k") return "search";
    return key === "." ? "stop" : undefined;
  }
  if (isWriting(event.target)) return undefined;
  if (key === "/") return "write";
  return key === "?" ? "help" : undefined;
}

/** In a field a plain key is a letter. */
const isWriting = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable || /^(?:INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
