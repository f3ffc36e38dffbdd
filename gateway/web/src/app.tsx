/** The whole of the pages: signed out or signed in. */
import type { Client } from "@trueline/client";
import { TruelineProvider, useConnection, useUser } from "@trueline/client/react";
import { useState } from "react";
import { SignIn } from "./pages/sign-in.tsx";
import { SignedIn } from "./pages/signed-in.tsx";
import { ErrorBoundary } from "./parts/error-boundary.tsx";

export function App({ client }: { readonly client: Client }) {
  return (
    <ErrorBoundary what="Trueline">
      <TruelineProvider client={client}>
        <Door />
      </TruelineProvider>
    </ErrorBoundary>
  );
}

function Door() {
  const user = useUser();
  const connection = useConnection();
  const [wasSignedIn, setWasSignedIn] = useState(user !== undefined);
  if (user !== undefined && !wasSignedIn) setWasSignedIn(true);

  if (user !== undefined) return <SignedIn key={user.id} user={user} />;
  const tellsWhy = wasSignedIn && connection.state === "signed_out";
  return <SignIn reason={tellsWhy ? sentence(connection.reason) : undefined} />;
}

const sentence = (words: string): string =>
  `${words.charAt(0).toUpperCase()}${words.slice(1).replace(/\.$/, "")}.`;
