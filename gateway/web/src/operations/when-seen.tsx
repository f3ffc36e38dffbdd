/**
 * Mounts a part of a long page once somebody scrolls to it. Each read of an administrator is in the audit log: what nobody
 * looks at is not asked for.
 */
import { type ReactNode, useEffect, useRef, useState } from "react";

export function WhenSeen({ children }: { readonly children: ReactNode }) {
  const place = useRef<HTMLDivElement>(null);
  const [seen, setSeen] = useState(false);
  useEffect(() => {
    if (seen || place.current === null) return;
    const observer = new IntersectionObserver((entries) => {
      if (entries.some((entry) => entry.isIntersecting)) setSeen(true);
    });
    observer.observe(place.current);
    return () => observer.disconnect();
  }, [seen]);
  return seen ? children : <div ref={place} className="unseen-part" />;
}
