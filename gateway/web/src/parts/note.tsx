/** A short message in a box: what is wrong and what one can do. */
import type { ReactNode } from "react";
import { Icon } from "./icon.tsx";

interface NoteProps {
  readonly kind: "plain" | "warn" | "bad";
  readonly children: ReactNode;
  /** Read out at once by a screen reader. */
  readonly urgent?: boolean;
}

export function Note({ kind, children, urgent = false }: NoteProps) {
  return (
    <div className={`note ${kind}`} role={urgent ? "alert" : undefined}>
      {kind === "plain" ? null : <Icon name="warning" size={18} />}
      <div>{children}</div>
    </div>
  );
}
