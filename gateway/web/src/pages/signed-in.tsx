/** The frame around every page of somebody who is signed in: the side, the head, shortcuts, signing out. */
import type { UserView } from "@trueline/client";
import { useClient, useConnection, useThreads } from "@trueline/client/react";
import { lazy, Suspense, useEffect, useRef, useState } from "react";
import { forgetDrafts } from "../draft.ts";
import { Outbox } from "../outbox.ts";
import { Blank } from "../parts/blank.tsx";
import { ConnectionBanner } from "../parts/connection.tsx";
import { Confirm } from "../parts/dialog.tsx";
import { Drawer } from "../parts/drawer.tsx";
import { ErrorBoundary } from "../parts/error-boundary.tsx";
import { KeysDialog } from "../parts/keys-dialog.tsx";
import { PageHead } from "../parts/page-head.tsx";
import { Side } from "../parts/side.tsx";
import { narrow, useMedia } from "../parts/use-media.ts";
import { useShortcuts } from "../parts/use-shortcuts.ts";
import { go, newThreadHref, parseRoute, type Route, threadHref, useRoute } from "../route.ts";
import { Chat } from "./chat.tsx";
import { ThreadPage } from "./thread.tsx";

/** Charts weigh as much as the rest of the pages, and few people may see them. */
const Operations = lazy(() => import("./operations.tsx"));

export function SignedIn({ user }: { readonly user: UserView }) {
  const route = useRoute();
  const client = useClient();
  const connection = useConnection();
  const list = useThreads();
  const threads = list.status === "ready" ? list.threads : undefined;
  const outbox = useOutbox(user.id);
  const isNarrow = useMedia(narrow);
  const search = useRef<HTMLInputElement>(null);
  const [drawer, setDrawer] = useState(false);
  const [asking, setAsking] = useState<"nothing" | "keys" | "sign-out">("nothing");
  const nothing = () => setAsking("nothing");

  // biome-ignore lint/correctness/useExhaustiveDependencies: any change of page closes the list
  useEffect(() => setDrawer(false), [route]);

  useShortcuts({
    newThread: () => go(newThreadHref),
    help: () => setAsking("keys"),
    search: () => (isNarrow ? setDrawer(true) : search.current?.focus()),
  });

  const signOut = () => {
    forgetDrafts(user.id);
    outbox.forget();
    go(newThreadHref, "replace");
    void client
      .logout()
      .catch((error: unknown) => console.warn("the server was not told of the sign-out", error));
  };
  const title = titleOf(route, threads);
  useEffect(() => {
    document.title = route.page === "new" ? "Trueline" : `${title} · Trueline`;
  }, [route.page, title]);

  const side = (
    <Side
      {...{ user, route, search, threads }}
      failure={list.failure}
      onDeleted={(id) => {
        if (route.page === "thread" && route.threadId === id) go(newThreadHref, "replace");
      }}
      onKeys={() => setAsking("keys")}
      onSignOut={() => (outbox.entries().length > 0 ? setAsking("sign-out") : signOut())}
      {...(isNarrow ? { onClose: () => setDrawer(false) } : {})}
    />
  );
  return (
    <div className="shell">
      <button type="button" className="skip" onClick={() => document.getElementById("main")?.focus()}>
        To the conversation
      </button>
      {isNarrow ? drawer && <Drawer onClose={() => setDrawer(false)}>{side}</Drawer> : side}
      <main id="main" className="main" tabIndex={-1}>
        <PageHead title={title} connection={connection} onMenu={() => setDrawer(true)} />
        <ConnectionBanner state={connection} client={client} />
        <ErrorBoundary key={location.hash} what="This page">
          <Page route={route} user={user} outbox={outbox} />
        </ErrorBoundary>
      </main>
      {asking === "keys" ? <KeysDialog onClose={nothing} /> : null}
      {asking === "sign-out" ? (
        <Confirm
          title="Sign out with unsent messages?"
          action="Sign out"
          onConfirm={signOut}
          onClose={nothing}
        >
          <p>Some of your messages have not reached the server yet. They are forgotten when you sign out.</p>
        </Confirm>
      ) : null}
    </div>
  );
}

function Page({ route, user, outbox }: { route: Route; user: UserView; outbox: Outbox }) {
  switch (route.page) {
    case "new":
      return <Chat key="new" user={user} outbox={outbox} />;
    case "thread":
      return <ThreadPage key={route.threadId} threadId={route.threadId} user={user} outbox={outbox} />;
    case "operations":
      return user.role === "administrator" ? (
        <Suspense fallback={<Blank title="Loading…" />}>
          <Operations />
        </Suspense>
      ) : (
        <Blank title="For administrators only">Your account cannot see how the gateway is doing.</Blank>
      );
    case "unknown":
      return (
        <Blank title="There is no such page" link={{ href: newThreadHref, label: "New thread" }}>
          The address may have been cut off.
        </Blank>
      );
  }
}

function titleOf(route: Route, threads: readonly { id: string; title: string }[] | undefined): string {
  if (route.page === "operations") return "Operations";
  if (route.page !== "thread") return "New thread";
  return threads?.find((thread) => thread.id === route.threadId)?.title ?? "Thread";
}

/** One per user; a thread that a message made is gone to, if the person still waits for it. */
function useOutbox(userId: string): Outbox {
  const client = useClient();
  const [outbox] = useState(
    () =>
      new Outbox(client, userId, (_entry, threadId) => {
        if (parseRoute(location.hash).page === "new") go(threadHref(threadId), "replace");
      }),
  );
  useEffect(() => outbox.resume(), [outbox]);
  return outbox;
}
