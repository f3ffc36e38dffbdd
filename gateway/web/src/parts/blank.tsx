/** A page that has nothing to show, and says why. */
import type { ReactNode } from "react";

interface BlankProps {
  readonly title: string;
  readonly children?: ReactNode;
  readonly link?: { readonly href: string; readonly label: string };
}

export function Blank({ title, children, link }: BlankProps) {
  return (
    <div className="blank">
      <h2>{title}</h2>
      {children === undefined ? null : <p>{children}</p>}
      {link === undefined ? null : (
        <a className="button plain-link" href={link.href}>
          {link.label}
        </a>
      )}
    </div>
  );
}
