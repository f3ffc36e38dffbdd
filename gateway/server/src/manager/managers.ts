/**
 * The one way to a manager (MG1): `managers.for(user)`. The class is not exported, so nothing else can make one.
 * Holds every manager of this node, for as long as its user has a connection or a run here and a while longer. Longer than
 * other files for the sake of MG1: the class and the table that makes it stand in one module, or it would be exported.
 */
import type { RunId, ThreadId, UserId } from "@trueline/kit";
import {
  type Position,
  type RunView,
  type ThreadListResponse,
  type ThreadResponse,
  type ThreadView,
  TruelineError,
} from "@trueline/protocol";
import { Committer } from "../log/committer.ts";
import { TailBudget } from "../log/tail.ts";
import { UserLog, type UserLogOptions } from "../log/user-log.ts";
import type { UserRecords } from "../ports/records.ts";
import { createRuns } from "../runs/create-runs.ts";
import type { Runs } from "../runs/runs.ts";
import { Announcements } from "./announcements.ts";
import { Connections, type Revocation } from "./connections.ts";
import { recorded, recordRun } from "./entries.ts";
import type {
  CancelOutcome,
  Counts,
  Manager,
  Managers,
  Origin,
  Outcome,
  Place,
  SendOutcome,
  SendRequest,
} from "./manager.ts";
import type { ManagersOptions } from "./options.ts";
import { runView } from "./snapshots.ts";
import { TakeOver } from "./take-over.ts";
import { Threads } from "./threads.ts";

export function createManagers(options: ManagersOptions): Managers {
  return new ManagerTable(options);
}

/** Characters of event JSON that the tails of all users hold in memory together. */
const tailCharacters = 64 * 1024 * 1024;

class ManagerTable implements Managers {
  readonly #options: ManagersOptions;
  readonly #logOptions: UserLogOptions;
  readonly #opening = new Map<UserId, Promise<UserManager>>();
  readonly #open = new Map<UserId, UserManager>();
  readonly #takeOver: TakeOver;
  #draining = false;

  constructor(options: ManagersOptions) {
    this.#options = options;
    const { eventLog, records, clock, observer, limits } = options;
    this.#takeOver = new TakeOver({
      listOpenRuns: () => records.listAllOpenRuns(),
      takeOver: async (user, runs) => {
        const manager = await this.#manager(user);
        for (const run of runs) await manager.runs.takeOver(run);
      },
      logger: observer.logger,
    });
    const { gatherMs, tailEvents } = limits;
    this.#logOptions = {
      store: eventLog,
      committer: new Committer({ store: eventLog, gatherMs, clock, observer }),
      tailEvents,
      tailBudget: new TailBudget(tailCharacters),
      gatherMs,
      clock,
      observer,
    };
  }

  for(user: UserId): Promise<Manager> {
    return this.#manager(user);
  }

  takeOver(): Promise<number> {
    return this.#takeOver.run();
  }

  get usersLeft(): number {
    return this.#takeOver.usersLeft;
  }

  revoke(revocation: Revocation): void {
    this.#open.get(revocation.user)?.connections.close(revocation);
  }

  sweep(): void {
    const { clock, limits, observer } = this.#options;
    for (const [user, manager] of this.#open) {
      manager.connections.closeExpired(clock.now());
      if (!manager.idleFor(limits.managerIdleMs)) continue;
      this.#open.delete(user);
      manager.close();
    }
    observer.managers(this.#open.size);
  }

  connectionsOf(user: UserId): number {
    return this.#open.get(user)?.connections.count ?? 0;
  }

  counts(): Counts {
    const counts = { managers: this.#open.size, connections: 0, runs: 0, running: 0, queued: 0 };
    for (const manager of this.#open.values()) {
      const { running, queued } = manager.runCounts;
      counts.connections += manager.connections.count;
      counts.runs += manager.activeRuns;
      counts.running += running;
      counts.queued += queued;
    }
    return counts;
  }

  async drain(spreadMs: number): Promise<void> {
    this.#draining = true;
    this.#takeOver.stop();
    await Promise.allSettled(this.#opening.values());
    const managers = [...this.#open.values()];
    for (const manager of managers) manager.connections.goAway(spreadMs);
    await Promise.all(managers.map((manager) => manager.drain()));
  }

  abandon(): void {
    for (const manager of this.#open.values()) manager.abandon();
  }

  async #manager(user: UserId): Promise<UserManager> {
    if (typeof user !== "string" || user.length === 0 || user.length > 256) {
      throw new TruelineError("unauthorized", "A manager belongs to a user, and none was given.");
    }
    if (this.#draining)
      throw new TruelineError("going_away", "The server is restarting. Try again in a moment.", 1000);
    const manager = this.#open.get(user) ?? (await this.#openOnce(user));
    manager.touch();
    return manager;
  }

  /** A failed start is told to all who waited for it, and tried afresh by the next. */
  #openOnce(user: UserId): Promise<UserManager> {
    let opening = this.#opening.get(user);
    if (!opening) {
      opening = this.#openManager(user).finally(() => this.#opening.delete(user));
      this.#opening.set(user, opening);
    }
    return opening;
  }

  async #openManager(user: UserId): Promise<UserManager> {
    const { eventLog, records, observer } = this.#options;
    const head = await eventLog.head(user);
    const log = new UserLog(user, head, this.#logOptions);
    // A log without an event has nothing to tell of a run.
    const [oldest] = head.seq > 0 ? await records.of(user).listOpenRuns() : [];
    if (oldest) await log.project(oldest.logSeq);
    const manager = new UserManager(user, log, this.#options);
    const [unannounced] = await records.of(user).listUnannounced();
    if (unannounced) await manager.announcements.recover(unannounced);
    this.#open.set(user, manager);
    observer.managers(this.#open.size);
    return manager;
  }
}

/** Most users are connected and do nothing: what only a request needs is made when one comes. */
class UserManager implements Manager {
  readonly user: UserId;
  readonly connections: Connections;
  readonly #log: UserLog;
  readonly #options: ManagersOptions;
  readonly #onIdle = (): void => this.touch();
  #madeRuns: Runs | undefined;
  #madeAnnouncements: Announcements | undefined;
  /** Requests being served. */
  #requests = 0;
  #lastUse: number;
  #closed = false;

  constructor(user: UserId, log: UserLog, options: ManagersOptions) {
    const { limits, clock, observer } = options;
    this.user = user;
    this.#log = log;
    this.#options = options;
    this.#lastUse = clock.monotonic();
    const onChange = this.#onIdle;
    this.connections = new Connections({ user, log, requests: this, limits, clock, observer, onChange });
  }

  get runs(): Runs {
    const { user } = this;
    const { agents, limits, clock, observer, audit } = this.#options;
    this.#madeRuns ??= createRuns({
      user,
      log: this.#log,
      records: this.#records,
      agents,
      limits,
      clock,
      observer,
      onIdle: this.#onIdle,
      onCancelled: (run, origin) => recordRun(audit, user, "cancel", origin, run, "thread_deleted"),
    });
    return this.#madeRuns;
  }

  get announcements(): Announcements {
    const { observer } = this.#options;
    const [log, records, onIdle] = [this.#log, this.#records, this.#onIdle];
    this.#madeAnnouncements ??= new Announcements({ log, records, observer, onIdle });
    return this.#madeAnnouncements;
  }

  get runCounts(): Runs["counts"] {
    return this.#madeRuns?.counts ?? { running: 0, queued: 0 };
  }

  get activeRuns(): number {
    return this.#madeRuns?.active ?? 0;
  }

  get #records(): UserRecords {
    return this.#options.records.of(this.user);
  }

  get #threads(): Threads {
    const { clock } = this.#options;
    const { runs, announcements } = this;
    return new Threads({ log: this.#log, records: this.#records, runs, announcements, clock });
  }

  get position(): Position {
    return this.#log.position;
  }

  admit(): Outcome<{ readonly place: Place }> {
    this.#use();
    return this.connections.admit();
  }

  send(request: SendRequest, origin: Origin): Promise<SendOutcome> {
    return this.#serve(async () => this.#recorded("send", origin, await this.#send(request, origin)));
  }

  cancel(runId: RunId, origin: Origin): Promise<CancelOutcome> {
    return this.#serve(async () => this.#recorded("cancel", origin, await this.runs.cancel(runId, origin)));
  }

  async #send(request: SendRequest, origin: Origin): Promise<SendOutcome> {
    const { countMessage } = this.#options;
    const tooMany = origin.address !== undefined && (await countMessage?.(origin.address));
    return tooMany ? { ok: false, ...tooMany } : this.runs.send(request, origin);
  }

  #recorded<T extends SendOutcome>(action: "send" | "cancel", origin: Origin, outcome: T): T {
    return recorded(this.#options.audit, this.user, action, origin, outcome);
  }

  run(id: RunId): Promise<RunView | undefined> {
    return this.#serve(async () => {
      const row = await this.#records.getRun(id);
      return row && runView(row);
    });
  }

  listThreads(): Promise<ThreadListResponse> {
    return this.#serve(() => this.#threads.list());
  }

  getThread(id: ThreadId): Promise<ThreadResponse | undefined> {
    return this.#serve(() => this.#threads.get(id));
  }

  createThread(title = "New thread"): Promise<ThreadView> {
    return this.#serve(() => this.#threads.create(title));
  }

  renameThread(id: ThreadId, title: string): Promise<ThreadView | undefined> {
    return this.#serve(() => this.#threads.rename(id, title));
  }

  deleteThread(id: ThreadId, origin: Origin): Promise<boolean> {
    return this.#serve(() => this.#threads.delete(id, origin));
  }

  touch(): void {
    this.#lastUse = this.#options.clock.monotonic();
  }

  idleFor(ms: number): boolean {
    const busy = this.connections.count + this.#requests + this.activeRuns;
    const idle = busy === 0 && this.#madeAnnouncements?.active !== true;
    return idle && this.#options.clock.monotonic() - this.#lastUse >= ms;
  }

  async drain(): Promise<void> {
    await this.runs.drain();
    this.#madeAnnouncements?.stop();
  }

  abandon(): void {
    this.runs.abandon();
    this.#madeAnnouncements?.stop();
  }

  close(): void {
    this.#closed = true;
    this.#log.close();
  }

  #use(): void {
    if (this.#closed)
      throw new TruelineError("internal_error", "The manager of this user was closed; get it anew.");
    this.touch();
  }

  async #serve<T>(request: () => Promise<T>): Promise<T> {
    this.#use();
    this.#requests++;
    try {
      return await request();
    } finally {
      this.#requests--;
      this.touch();
    }
  }
}
