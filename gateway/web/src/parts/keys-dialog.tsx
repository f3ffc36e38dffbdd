/** Says which keyboard shortcuts there are. */
import { Fragment } from "react";
import { Dialog } from "./dialog.tsx";
import { keyNames, type Shortcut, shortcuts } from "./use-shortcuts.ts";

export function KeysDialog({ onClose }: { readonly onClose: () => void }) {
  return (
    <Dialog title="Keyboard shortcuts" onClose={onClose}>
      <dl className="keys">
        {(Object.keys(shortcuts) as Shortcut[]).map((shortcut) => (
          <Fragment key={shortcut}>
            <dt>{shortcuts[shortcut].does}</dt>
            <dd>
              {keyNames(shortcut).map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dd>
          </Fragment>
        ))}
      </dl>
      <div className="actions">
        <button type="button" className="button" onClick={onClose}>
          Close
        </button>
      </div>
    </Dialog>
  );
}
