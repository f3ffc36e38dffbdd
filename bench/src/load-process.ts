/** The process of the clients: opens them, makes them do what a workload asks, and checks what they are shown. */
import { setTimeout as delay } from "node:timers/promises";
import { answerCalls } from "./calls.ts";
import type { Client, OpenClient } from "./clients/client.ts";
import { openRawClient } from "./clients/raw.ts";
import { openSocketIoClient } from "./clients/socket-io.ts";
import { ageOfFirst } from "./piece.ts";
import { type Peer, socketsOf } from "./plan.ts";
import { type ShownEvent, StreamCheck } from "./stream-check.ts";

interface Seat {
  readonly user: string;
  readonly client: Client;
  readonly check: StreamCheck;
}

interface OpenClients {
  readonly peer: Peer;
  readonly port: number;
  /** Number of the first user. */
  readonly from: number;
  readonly users: number;
  readonly sockets?: number;
}

/** What became of the events of a trial, over all clients. */
export interface Delivery {
  readonly lost: number;
  readonly doubled: number;
  readonly seqFaults: number;
}

const openers: Record<Peer, OpenClient> = {
  "bare-ws": openRawClient,
  trueline: openRawClient,
  "socket.io": openSocketIoClient,
};

/** Connections that are being opened at once. */
const opensAtOnce = 100;

const seats: Seat[] = [];
const agesOfFirst: number[] = [];
/** Pieces shown, over all clients. */
let shown = 0;
let onShown: () => void = () => undefined;

function open(peer: Peer, port: number, user: string): Promise<void> {
  const check = new StreamCheck();
  const onEvent = (event: ShownEvent) => {
    const before = check.pieces;
    check.see(event);
    shown += check.pieces - before;
    if (before === 0 && check.pieces > 0) agesOfFirst.push(ageOfFirst(event.data?.text ?? ""));
    onShown();
  };
  return openers[peer]({ port, user, onEvent }).then((client) => void seats.push({ user, client, check }));
}

/** Resolves when `done` holds, looked at when events came, but at most once in a turn of the event loop. */
function until(done: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    let planned = false;
    const look = () => {
      planned = false;
      if (done()) resolve();
    };
    onShown = () => {
      if (!planned) setImmediate(look);
      planned = true;
    };
    onShown();
  });
}

async function eachOf<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const rest = items.values();
  const worker = async () => {
    for (const item of rest) await work(item);
  };
  await Promise.all(Array.from({ length: opensAtOnce }, worker));
}

const firstSeats = (): readonly Seat[] => [...new Map(seats.map((seat) => [seat.user, seat])).values()];

const handlers = {
  /** Opens the clients of `users` users: `sockets` each, or one to three in turn. Gives the number of all clients. */
  open: async ({ peer, port, from, users, sockets }: OpenClients) => {
    const names = Array.from({ length: users }, (_, index) =>
      Array.from({ length: sockets ?? socketsOf(index) }, () => `user-${from + index}`),
    ).flat();
    await eachOf(names, (user) => open(peer, port, user));
    return seats.length;
  },
  /** Starts a run for each user, `everyMs` apart; resolves when every client has seen its first piece. */
  start: async ({ everyMs }: { everyMs: number }) => {
    for (const { client } of firstSeats()) {
      client.start("run-1");
      if (everyMs > 0) await delay(everyMs);
    }
    await until(() => seats.every(({ check }) => check.pieces > 0));
  },
  /** Milliseconds from the model's first piece to each client. */
  agesOfFirst: () => agesOfFirst,
  shown: () => shown,
  drop: () => eachOf(seats, ({ client }) => client.drop()),
  /** All clients come back; resolves with the milliseconds until each is connected. */
  reconnect: async () => {
    const startedAt = performance.now();
    await eachOf(seats, ({ client }) => client.reconnect());
    return performance.now() - startedAt;
  },
  /** All ask for what they missed; resolves with the milliseconds until each has `pieces`. */
  resume: async ({ pieces }: { pieces: number }) => {
    const startedAt = performance.now();
    await eachOf(seats, ({ client }) => client.resume());
    await until(() => shown >= seats.length * pieces);
    return performance.now() - startedAt;
  },
  /** Waits until every client saw the end of its run, then counts what each got of what was given out. */
  settle: async (emitted: Readonly<Record<string, number>>): Promise<Delivery> => {
    await until(() => seats.every(({ check }) => check.ended));
    const sum = (count: (seat: Seat) => number) => seats.reduce((total, seat) => total + count(seat), 0);
    return {
      lost: sum(({ user, check }) => check.lost(emitted[user] ?? 0)),
      doubled: sum(({ check }) => check.doubled),
      seqFaults: sum(({ check }) => check.seqFaults),
    };
  },
};

export type LoadHandlers = typeof handlers;
answerCalls(handlers);
