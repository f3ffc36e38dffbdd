/** Catches a fault of a page, and says what to do instead of showing nothing. */
import { Component, type ErrorInfo, type ReactNode } from "react";
import { Note } from "./note.tsx";

interface Props {
  readonly children: ReactNode;
  /** What failed, for a person: "This conversation". */
  readonly what: string;
}

interface State {
  readonly error: Error | undefined;
}

export class ErrorBoundary extends Component<Props, State> {
  override state: State = { error: undefined };

  static getDerivedStateFromError(error: unknown): State {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  override componentDidCatch(error: unknown, info: ErrorInfo): void {
    console.error(`${this.props.what} could not be shown`, error, info.componentStack);
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (error === undefined) return this.props.children;
    return (
      <div className="boundary">
        <Note kind="bad" urgent>
          <p>
            <strong>{this.props.what} could not be shown.</strong> Nothing is lost: your messages are on the
            server. Try again, and reload the page if that does not help.
          </p>
          <p className="boundary-detail">{error.message}</p>
          <p className="boundary-actions">
            <button
              type="button"
              className="button small"
              onClick={() => this.setState({ error: undefined })}
            >
              Try again
            </button>
            <button type="button" className="button small" onClick={() => location.reload()}>
              Reload the page
            </button>
          </p>
        </Note>
      </div>
    );
  }
}
