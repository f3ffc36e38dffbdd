/**
 * The threads of one user: each change is recorded, then told in the event log. A change that was recorded stands, also
 * when its event has to wait for the store. Owned by the manager.
 */
import { type Clock, newId, type ThreadId } from "@trueline/kit";
import type { ThreadListResponse, ThreadResponse, ThreadView } from "@trueline/protocol";
import type { UserLog } from "../log/user-log.ts";
import type { ThreadChange, UserRecords } from "../ports/records.ts";
import type { Runs } from "../runs/runs.ts";
import type { Announcements } from "./announcements.ts";
import type { Origin } from "./manager.ts";
import { readThread, threadView } from "./snapshots.ts";

export interface ThreadsOptions {
  readonly log: UserLog;
  readonly records: UserRecords;
  readonly runs: Runs;
  readonly announcements: Announcements;
  readonly clock: Clock;
}

export class Threads {
  readonly #options: ThreadsOptions;

  constructor(options: ThreadsOptions) {
    this.#options = options;
  }

  async list(): Promise<ThreadListResponse> {
    const { position } = this.#options.log;
    return { threads: (await this.#options.records.listThreads()).map(threadView), position };
  }

  get(id: ThreadId): Promise<ThreadResponse | undefined> {
    return readThread(this.#options.log, this.#options.records, id);
  }

  async create(title: string): Promise<ThreadView> {
    const { records, announcements } = this.#options;
    const id = newId("thread");
    const change = this.#change();
    const { at } = change;
    await records.createThread({ id, title, ...change });
    await announcements.announce();
    return threadView({ id, title, createdAt: at, updatedAt: at });
  }

  async rename(id: ThreadId, title: string): Promise<ThreadView | undefined> {
    const { records, announcements } = this.#options;
    if (!(await records.renameThread(id, title, this.#change()))) return undefined;
    await announcements.announce();
    const row = await records.getThread(id);
    return row && threadView(row);
  }

  async delete(id: ThreadId, origin: Origin): Promise<boolean> {
    const { records, runs, announcements } = this.#options;
    if (!(await records.getThread(id))) return false;
    if (!(await runs.endThread(id, origin, () => records.deleteThread(id, this.#change())))) return false;
    await announcements.announce();
    return true;
  }

  #change(): ThreadChange {
    const { clock, log } = this.#options;
    return { at: clock.now(), logSeq: log.position.seq };
  }
}
