/**
 * React hooks over the client. Each reads one part of the state with `useSyncExternalStore` and renders again only when that part
 * changed: a thread that streams renders neither the list nor another thread.
 */
import type { ThreadView, UserView } from "@trueline/protocol/wire";
import {
  createContext,
  createElement,
  type ReactNode,
  useCallback,
  useContext,
  useMemo,
  useState,
  useSyncExternalStore,
} from "react";
import { type Conversations, conversationsOf } from "./conversation/follow.ts";
import { threadsByRecency } from "./conversation/reduce.ts";
import type { ConversationRun, ThreadContent, ThreadConversation } from "./conversation/types.ts";
import { asError } from "./errors.ts";
import { newRequestId } from "./request-id.ts";
import type { Ack, Client, ConnectionState, SendOptions } from "./types.ts";

const ClientContext = createContext<Client | undefined>(undefined);

export interface TruelineProviderProps {
  /** Made once, outside of rendering: `const client = connect(…)`. The provider does not close it. */
  readonly client: Client;
  readonly children?: ReactNode;
}

export function TruelineProvider({ client, children }: TruelineProviderProps): ReactNode {
  return createElement(ClientContext.Provider, { value: client }, children);
}

export function useClient(): Client {
  const client = useContext(ClientContext);
  if (!client) throw new Error("this hook needs a <TruelineProvider client={…}> above it");
  return client;
}

export function useConnection(): ConnectionState {
  const client = useClient();
  const subscribe = useCallback((listener: () => void) => client.on("state", listener), [client]);
  const read = (): ConnectionState => client.state;
  return useSyncExternalStore(subscribe, read, read);
}

export function useUser(): UserView | undefined {
  const client = useClient();
  const subscribe = useCallback((listener: () => void) => client.on("user", listener), [client]);
  const read = (): UserView | undefined => client.user;
  return useSyncExternalStore(subscribe, read, read);
}

/** `failure`: why loading did not succeed the last time; it is tried again by itself. */
export type ThreadsView =
  | { readonly status: "loading"; readonly failure: Error | undefined }
  /** Newest first. `stale`: from before a reset; the new list is on its way. */
  | {
      readonly status: "ready";
      readonly stale: boolean;
      readonly failure: Error | undefined;
      readonly threads: readonly ThreadView[];
    };

export function useThreads(): ThreadsView {
  const conversations = useConversations();
  const follow = useCallback(() => conversations.followList(), [conversations]);
  const list = useFollowed(conversations, follow, () => conversations.state.list);
  const failure = useFollowed(conversations, undefined, () => conversations.failure());
  return useMemo(() => {
    const stale = list?.sync.state !== "current";
    // Before its first snapshot a list is empty; one that was loaded and is empty is not loading.
    if (!list || (stale && !list.loaded)) return { status: "loading", failure };
    return { status: "ready", stale, failure, threads: threadsByRecency(list) };
  }, [list, failure]);
}

export type ThreadState =
  /** No thread was asked for. */
  | { readonly status: "none" }
  | { readonly status: "loading"; readonly failure: Error | undefined }
  | { readonly status: "deleted" }
  | ({
      readonly status: "ready";
      /** From before a reset; the snapshot is on its way. */
      readonly stale: boolean;
      readonly failure: Error | undefined;
      /** The run that goes on now. */
      readonly active: ConversationRun | undefined;
      /** The runs that wait for it, in their order. */
      readonly queue: readonly ConversationRun[];
    } & ThreadContent);

/** A thread with its messages and runs, live. Unchanged messages and runs stay the same objects. */
export function useThread(id: string | undefined): ThreadState {
  const conversations = useConversations();
  const follow = useCallback(
    () => (id === undefined ? () => undefined : conversations.followThread(id)),
    [conversations, id],
  );
  const read = (): ThreadConversation | undefined =>
    id === undefined ? undefined : conversations.state.open.get(id);
  const thread = useFollowed(conversations, follow, read);
  const failure = useFollowed(conversations, undefined, () =>
    id === undefined ? undefined : conversations.failure(id),
  );
  return useMemo(() => toThreadState(id, thread, failure), [id, thread, failure]);
}

/** A message that the server has not answered yet, or that it refused. */
export interface Unsent {
  readonly id: string;
  readonly text: string;
  readonly threadId: string | undefined;
  /** Undefined while it is on its way, or waits for a connection. */
  readonly error: Error | undefined;
}

export interface Sending {
  /** As the client's, and the message stands in `unsent` until it is accepted. Rejects when it is refused. */
  readonly send: (text: string, options?: SendOptions) => Promise<Ack>;
  readonly cancel: (runId: string) => Promise<Ack>;
  readonly unsent: readonly Unsent[];
  /** Takes a refused message away. */
  readonly dismiss: (id: string) => void;
}

export function useSend(): Sending {
  const client = useClient();
  const [unsent, setUnsent] = useState<readonly Unsent[]>([]);
  const dismiss = useCallback((id: string) => setUnsent((all) => all.filter((one) => one.id !== id)), []);
  const send = useCallback(
    async (text: string, options: SendOptions = {}) => {
      const { id = newRequestId(), threadId } = options;
      const entry: Unsent = { id, text, threadId, error: undefined };
      setUnsent((all) => [...all.filter((one) => one.id !== id), entry]);
      try {
        const ack = await client.send(text, { ...options, id });
        dismiss(id);
        return ack;
      } catch (thrown) {
        const error = asError(thrown);
        setUnsent((all) => all.map((one) => (one.id === id ? { ...one, error } : one)));
        throw thrown;
      }
    },
    [client, dismiss],
  );
  const cancel = useCallback((runId: string) => client.cancel(runId), [client]);
  return useMemo(() => ({ send, cancel, unsent, dismiss }), [send, cancel, unsent, dismiss]);
}

function useConversations(): Conversations {
  return conversationsOf(useClient());
}

/** One part of the state. `follow` says that it is wanted, for as long as the component is there. */
function useFollowed<T>(
  conversations: Conversations,
  follow: (() => () => void) | undefined,
  read: () => T,
): T {
  const subscribe = useCallback(
    (listener: () => void) => {
      const unfollow = follow?.();
      const unsubscribe = conversations.subscribe(listener);
      return () => {
        unsubscribe();
        unfollow?.();
      };
    },
    [conversations, follow],
  );
  return useSyncExternalStore(subscribe, read, read);
}

function toThreadState(
  id: string | undefined,
  thread: ThreadConversation | undefined,
  failure: Error | undefined,
): ThreadState {
  if (id === undefined) return { status: "none" };
  if (thread?.sync.state === "deleted") return { status: "deleted" };
  if (!thread?.content) return { status: "loading", failure };
  const { content } = thread;
  return {
    status: "ready",
    stale: thread.sync.state === "behind",
    failure,
    ...content,
    active: content.runs.find(({ state }) => state === "running"),
    queue: content.runs.filter(({ state }) => state === "queued"),
  };
}
