/** The whole of the pages: signed out or signed in. */
import type { Client, UserView } from "@trueline/client";
import { TruelineProvider, useConnection, useUser } from "@trueline/client/react";
import { useState } from "react";
import { SignIn } from "./pages/sign-in.tsx";
import { SignedIn } from "./pages/signed-in.tsx";
import { ErrorBoundary } from "./parts/error-boundary.tsx";

interface AppProps {
  readonly client: Client;
  /** A sign-in that is on its way back from the identity provider. */
  readonly arrival: Promise<UserView> | undefined;
}

export function App({ client, arrival }: AppProps) {
  return (
    <ErrorBoundary what="Trueline">
      <TruelineProvider client={client}>
        <Door arrival={arrival} />
      </TruelineProvider>
    </ErrorBoundary>
  );
}

function Door({ arrival }: Pick<AppProps, "arrival">) {
  const user = useUser();
  const connection = useConnection();
  const [wasSignedIn, setWasSignedIn] = useState(user !== undefined);
  if (user !== undefined && !wasSignedIn) setWasSignedIn(true);

  if (user !== undefined) return <SignedIn key={user.id} user={user} />;
  const tellsWhy = wasSignedIn && connection.state === "signed_out";
  return (
    <SignIn
      reason={tellsWhy ? sentence(connection.reason) : undefined}
      // Whoever was in already knows how that went.
      arrival={wasSignedIn ? undefined : arrival}
    />
  );
}

const sentence = (words: string): string =>
  `${words.charAt(0).toUpperCase()}${words.slice(1).replace(/\.$/, "")}.`;
