/** A modal dialog: the browser's own, so that focus stays in it and Escape closes it. */
import { type ReactNode, useEffect, useId, useRef } from "react";
import { useModal } from "./use-modal.ts";

interface DialogProps {
  readonly title: string;
  readonly children: ReactNode;
  readonly onClose: () => void;
}

/** Mounted means open. */
export function Dialog({ title, children, onClose }: DialogProps) {
  const element = useRef<HTMLDialogElement>(null);
  const titleId = useId();

  useModal(element);

  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes it; a click beside it is only the shorter way
    <dialog
      ref={element}
      className="dialog"
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => {
        if (event.target === element.current && isOutside(event, element.current)) onClose();
      }}
    >
      <h2 id={titleId}>{title}</h2>
      {children}
    </dialog>
  );
}

interface ConfirmProps {
  readonly title: string;
  /** What happens, in a sentence. */
  readonly children: ReactNode;
  /** The verb on the button. */
  readonly action: string;
  readonly busy?: boolean;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
}

/** Asks before something that cannot be undone. The safe button has the focus. */
export function Confirm({ title, children, action, busy = false, onConfirm, onClose }: ConfirmProps) {
  const safe = useRef<HTMLButtonElement>(null);
  useEffect(() => safe.current?.focus(), []);
  return (
    <Dialog title={title} onClose={onClose}>
      <div>{children}</div>
      <div className="actions">
        <button ref={safe} type="button" className="button" onClick={onClose}>
          Cancel
        </button>
        <button type="button" className="button primary danger" disabled={busy} onClick={onConfirm}>
          {busy ? <span className="spinner" /> : null}
          {action}
        </button>
      </div>
    </Dialog>
  );
}

function isOutside(click: { clientX: number; clientY: number }, element: HTMLElement): boolean {
  const box = element.getBoundingClientRect();
  const inside =
    click.clientX >= box.left &&
    click.clientX <= box.right &&
    click.clientY >= box.top &&
    click.clientY <= box.bottom;
  return !inside;
}
