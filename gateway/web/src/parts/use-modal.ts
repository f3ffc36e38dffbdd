/**
 * Opens a dialog while it is mounted, and gives the focus back to what had it. The browser does so only for a dialog that
 * is closed while it stands in the document; React has taken it out by then.
 */
import { type RefObject, useLayoutEffect } from "react";

export function useModal(element: RefObject<HTMLDialogElement | null>): void {
  // Before the effects of what stands in it, which may move the focus.
  useLayoutEffect(() => {
    const opener = document.activeElement;
    const dialog = element.current;
    dialog?.showModal();
    return () => {
      dialog?.close();
      queueMicrotask(() => giveBack(opener));
    };
  }, [element]);
}

/** Unless it is gone, as what was deleted, or the focus has gone elsewhere on purpose. */
function giveBack(opener: Element | null): void {
  const free = document.activeElement === null || document.activeElement === document.body;
  if (free && opener instanceof HTMLElement && opener.isConnected) opener.focus();
}
