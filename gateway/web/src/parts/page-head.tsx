/** The line above a page: what it is, and the connection. */
import type { ConnectionState } from "@trueline/client";
import { ConnectionChip } from "./connection.tsx";
import { Icon } from "./icon.tsx";

interface PageHeadProps {
  readonly title: string;
  readonly connection: ConnectionState;
  /** Opens the list of threads, where it is not beside the page. */
  readonly onMenu: () => void;
}

export function PageHead({ title, connection, onMenu }: PageHeadProps) {
  return (
    <header className="head">
      <button
        type="button"
        className="icon-button only-narrow"
        aria-label="Open the list of threads"
        onClick={onMenu}
      >
        <Icon name="menu" />
      </button>
      <h1>{title}</h1>
      <ConnectionChip state={connection} />
    </header>
  );
}
