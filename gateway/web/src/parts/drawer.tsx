/** What lies over the page on a phone: the browser's own modal dialog, so focus stays in it and Escape closes it. */
import { type ReactNode, useRef } from "react";
import { useModal } from "./use-modal.ts";

export function Drawer({
  children,
  onClose,
}: {
  readonly children: ReactNode;
  readonly onClose: () => void;
}) {
  const element = useRef<HTMLDialogElement>(null);
  useModal(element);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes it; a click beside it is only the shorter way
    <dialog
      ref={element}
      className="drawer"
      aria-label="Threads"
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => {
        if (event.target === element.current) onClose();
      }}
    >
      {children}
    </dialog>
  );
}
