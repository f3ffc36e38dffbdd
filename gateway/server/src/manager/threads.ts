/** The threads of one user: each change is recorded, then told in the event log. Owned by the manager. */
import { type Clock, newId, type ThreadId } from "@trueline/kit";
import {
  type ThreadListResponse,
  type ThreadResponse,
  type ThreadView,
  TruelineError,
} from "@trueline/protocol";
import type { EventDraft } from "../log/event-log.ts";
import type { UserLog } from "../log/user-log.ts";
import type { ThreadChange, UserRecords } from "../ports/records.ts";
import type { Runs } from "../runs/runs.ts";
import type { Origin } from "./manager.ts";
import { readThread, threadView } from "./snapshots.ts";

export interface ThreadsOptions {
  readonly log: UserLog;
  readonly records: UserRecords;
  readonly runs: Runs;
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
    const id = newId("thread");
    const at = this.#options.clock.now();
    await this.#options.records.createThread({ id, title, at, logSeq: this.#options.log.position.seq });
    await this.#append({ type: "thread_created", threadId: id, runId: null, data: { title } });
    return threadView({ id, title, createdAt: at, updatedAt: at });
  }

  async rename(id: ThreadId, title: string): Promise<ThreadView | undefined> {
    const { records } = this.#options;
    if (!(await records.renameThread(id, title, this.#change()))) return undefined;
    await this.#append({ type: "thread_renamed", threadId: id, runId: null, data: { title } });
    const row = await records.getThread(id);
    return row && threadView(row);
  }

  async delete(id: ThreadId, origin: Origin): Promise<boolean> {
    const { records, runs } = this.#options;
    if (!(await records.getThread(id))) return false;
    if (!(await runs.endThread(id, origin, () => records.deleteThread(id, this.#change())))) return false;
    await this.#append({ type: "thread_deleted", threadId: id, runId: null, data: {} });
    return true;
  }

  #change(): ThreadChange {
    const { clock, log } = this.#options;
    return { at: clock.now(), logSeq: log.position.seq };
  }

  async #append(draft: EventDraft): Promise<void> {
    const outcome = await this.#options.log.append(draft);
    if (!outcome.ok) throw new TruelineError(outcome.code, outcome.message, 5000);
  }
}
