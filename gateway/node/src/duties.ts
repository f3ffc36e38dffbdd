/** What a gateway does by itself, on one scheduler: nothing runs twice at once, and a failure is logged and tried again. */
import type { Clock, UserId } from "@trueline/kit";
import type { EventLogStore, Limits, Logger, Managers, Records, ServiceLevels } from "@trueline/server";

export interface DutiesOptions {
  readonly managers: Managers;
  readonly eventLog: EventLogStore;
  readonly records: Records;
  readonly serviceLevels: ServiceLevels;
  readonly limits: Limits;
  readonly clock: Clock;
  readonly logger: Logger;
}

interface Duty {
  readonly name: string;
  readonly everyMs: number;
  readonly work: () => Promise<void> | void;
}

/** Gives the way to stop, which waits for what is at work. */
export function startDuties(options: DutiesOptions): () => Promise<void> {
  const { managers, serviceLevels, limits } = options;
  const duties: Duty[] = [
    { name: "sweep of managers", everyMs: 1_000, work: () => managers.sweep() },
    { name: "recording of service levels", everyMs: 5_000, work: () => serviceLevels.flush() },
  ];
  if (limits.retentionHours > 0)
    duties.push({ name: "trim of event logs", everyMs: 10 * 60_000, work: () => trim(options) });
  if (limits.clientIdDays > 0)
    duties.push({
      name: "forgetting of client ids",
      everyMs: 10 * 60_000,
      work: () => forgetClientIds(options),
    });
  const stops = duties.map((duty) => start(duty, options.logger));
  return async () => {
    await Promise.all(stops.map((stop) => stop()));
  };
}

/** What open runs still need stays, however old it is. */
async function trim({ eventLog, records, limits, clock, logger }: DutiesOptions): Promise<void> {
  const keepFrom = new Map<UserId, number>();
  for (const { user, run } of await records.listAllOpenRuns())
    keepFrom.set(user, Math.min(run.logSeq + 1, keepFrom.get(user) ?? Number.POSITIVE_INFINITY));
  const dropped = await eventLog.trim(clock.now() - limits.retentionHours * 3_600_000, keepFrom);
  if (dropped > 0) logger.info({ events: dropped }, "events whose retention is over were dropped");
}

/** A message that was deleted so long ago is not sent again any more. */
async function forgetClientIds({ records, limits, clock, logger }: DutiesOptions): Promise<void> {
  const messages = await records.forgetDeleted(clock.now() - limits.clientIdDays * 86_400_000);
  if (messages > 0) logger.info({ messages }, "client ids of messages deleted long ago were dropped");
}

function start({ name, everyMs, work }: Duty, logger: Logger): () => Promise<void> {
  let atWork: Promise<void> | undefined;
  const once = async (): Promise<void> => {
    try {
      await work();
    } catch (error) {
      logger.error({ err: error }, `the ${name} failed; it is tried again`);
    } finally {
      atWork = undefined;
    }
  };
  const timer = setInterval(() => {
    atWork ??= once();
  }, everyMs).unref();
  return async () => {
    clearInterval(timer);
    await atWork;
  };
}
