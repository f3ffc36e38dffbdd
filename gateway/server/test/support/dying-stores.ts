/** Stores of a node that dies at its n-th write: that write comes through or not, and nothing after it is ever answered. */
import type { EventLogStore, Records, UserRecords } from "@trueline/server";

export interface DyingStores {
  readonly store: EventLogStore;
  readonly records: Records;
  /** Resolves when the node died. */
  readonly died: Promise<void>;
  readonly writes: number;
}

const writing = [
  "createThread",
  "renameThread",
  "deleteThread",
  "dropUnannounced",
  "accept",
  "startRun",
  "countTakeover",
  "checkpoint",
  "closeRun",
  "settleRun",
];

/** `lastOne`: whether the write at which it dies is done or lost. */
export function dyingStores(
  store: EventLogStore,
  records: Records,
  dieAt: number,
  lastOne: "done" | "lost",
): DyingStores {
  let writes = 0;
  const death = Promise.withResolvers<void>();
  const forever = Promise.withResolvers<never>().promise;
  const write = async <T>(action: () => Promise<T>): Promise<T> => {
    writes += 1;
    if (writes < dieAt) return action();
    if (writes === dieAt && lastOne === "done") await action();
    death.resolve();
    return forever;
  };
  const read = <T>(action: () => Promise<T>): Promise<T> => (writes >= dieAt ? forever : action());
  const gate = (own: UserRecords): UserRecords =>
    new Proxy(own, {
      get(target, name: keyof UserRecords) {
        const method = target[name] as (...args: unknown[]) => Promise<unknown>;
        const guard = writing.includes(name) ? write : read;
        return (...args: unknown[]) => guard(() => method.apply(target, args));
      },
    });
  return {
    store: {
      ...store,
      append: (batch) => write(() => store.append(batch)),
      read: (...args) => read(() => store.read(...args)),
    },
    records: { ...records, of: (user) => gate(records.of(user)) },
    died: death.promise,
    get writes() {
      return writes;
    },
  };
}
