/** How the gateway is doing, for administrators. Loaded only when it is opened: it brings the charts. */
import type { AdminUserView } from "@trueline/client";
import { useUser } from "@trueline/client/react";
import { useCallback, useState } from "react";
import { Audit } from "../operations/audit.tsx";
import type { KnownUsers } from "../operations/entry-row.tsx";
import { Overview } from "../operations/overview.tsx";
import { ServiceLevels } from "../operations/service-levels.tsx";
import { Users } from "../operations/users.tsx";
import { WhenSeen } from "../operations/when-seen.tsx";
import "../styles/operations.css";

export default function Operations() {
  const user = useUser();
  /** Those that the page has seen, by their ids: the audit log knows ids alone. */
  const [known, setKnown] = useState<KnownUsers>(new Map());
  const onUsers = useCallback(
    (users: readonly AdminUserView[]) =>
      setKnown((before) => new Map([...before, ...users.map(({ id, email }) => [id, email] as const)])),
    [],
  );
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it
    <section className="operations" tabIndex={0} aria-label="Operations">
      <div className="operations-column">
        <Overview>
          <WhenSeen>
            <ServiceLevels />
          </WhenSeen>
          <WhenSeen>{user === undefined ? null : <Users ownId={user.id} onUsers={onUsers} />}</WhenSeen>
          <WhenSeen>
            <Audit known={known} />
          </WhenSeen>
        </Overview>
      </div>
    </section>
  );
}
