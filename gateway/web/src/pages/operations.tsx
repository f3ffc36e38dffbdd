/** How the gateway is doing, for administrators. Loaded only when it is opened: it brings the charts. */
import { useUser } from "@trueline/client/react";
import { Audit } from "../operations/audit.tsx";
import { Overview } from "../operations/overview.tsx";
import { ServiceLevels } from "../operations/service-levels.tsx";
import { Users } from "../operations/users.tsx";
import "../styles/operations.css";

export default function Operations() {
  const user = useUser();
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it
    <section className="operations" tabIndex={0} aria-label="Operations">
      <div className="operations-column">
        <Overview />
        <ServiceLevels />
        {user === undefined ? null : <Users ownId={user.id} />}
        <Audit />
      </div>
    </section>
  );
}
