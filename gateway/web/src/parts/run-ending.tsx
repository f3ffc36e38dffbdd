/** How a run ended that gave no answer, or not all of it: what happened, and whether trying again can help. */
import { sentence } from "../format.ts";
import { Icon } from "./icon.tsx";
import { Note } from "./note.tsx";

export type Ended = { readonly state: "cancelled" } | ({ readonly state: "failed" } & Failed);

interface Failed {
  /** Whether some of the answer is there. */
  readonly partial: boolean;
  readonly failure: { readonly message: string; readonly retryable: boolean } | undefined;
}

interface Retry {
  readonly onRetry: (() => void) | undefined;
}

interface RunEndingProps extends Retry {
  readonly ended: Ended;
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
  return <Failure partial={ended.partial} failure={ended.failure} onRetry={onRetry} />;
}

function Failure({ partial, failure, onRetry }: Failed & Retry) {
  return (
    <Note kind="bad">
      <p>
        <strong>{partial ? "The answer broke off." : "No answer."}</strong>{" "}
        {failure === undefined ? "" : sentence(failure.message)}
      </p>
      {failure?.retryable !== false && onRetry !== undefined ? (
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
