/** How a run ended that gave no answer: what happened, and whether trying again can help. */
import { Icon } from "./icon.tsx";
import { Note } from "./note.tsx";

export type Ended =
  | { readonly state: "failed"; readonly message: string; readonly retryable: boolean }
  | { readonly state: "cancelled" };

interface RunEndingProps {
  readonly ended: Ended;
  readonly onRetry: (() => void) | undefined;
}

export function RunEnding({ ended, onRetry }: RunEndingProps) {
  if (ended.state === "cancelled") {
    return (
      <p className="said-note ending">
        <span>You stopped this answer.</span>
        {onRetry === undefined ? null : <RetryButton label="Ask again" onRetry={onRetry} />}
      </p>
    );
  }
  return (
    <Note kind="bad">
      <p>
        <strong>No answer.</strong> {ended.message}
      </p>
      {ended.retryable && onRetry !== undefined ? (
        <p className="boundary-actions">
          <button type="button" className="button small" onClick={onRetry}>
            <Icon name="retry" size={16} />
            Try again
          </button>
        </p>
      ) : (
        <p>Trying again as it is will not help.</p>
      )}
    </Note>
  );
}

function RetryButton({ label, onRetry }: { readonly label: string; readonly onRetry: () => void }) {
  return (
    <button type="button" className="link-button" onClick={onRetry}>
      {label}
    </button>
  );
}
