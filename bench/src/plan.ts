/** What is measured: peers, workloads, and their sizes in a full and in a quick run. Plain data; main.ts works it off. */

/** `bare-ws` comes first: the others are shown as ratios to it. */
export const peers = ["bare-ws", "trueline", "socket.io"] as const;
export type Peer = (typeof peers)[number];

/** How a stream of text pieces comes out of the model, the same for every peer. */
export type Pace =
  /** `pieces` at once every `everyMs`. */
  | { readonly kind: "steady"; readonly pieces: number; readonly everyMs: number }
  /** `pieces` at once, as fast as the readers follow: at most `ahead` pieces, over all sockets, are on their way. */
  | { readonly kind: "saturated"; readonly pieces: number; readonly ahead: number }
  /** One piece at once, further ones when they are released. */
  | { readonly kind: "held" };

export const workloadNames = ["saturated", "bursts", "live", "idle", "resume", "first-token"] as const;
export type WorkloadName = (typeof workloadNames)[number];

/** `warmUpMs` is run through before CPU and events are counted for `measureMs`. */
export interface StreamWorkload {
  readonly kind: "stream";
  readonly users: number;
  readonly pace: Pace;
  readonly warmUpMs: number;
  readonly measureMs: number;
}

export type Workload =
  | StreamWorkload
  /** Memory that connections take which do nothing. */
  | { readonly kind: "idle"; readonly connections: number }
  /** All clients drop, miss `events` pieces each, and come back at once. */
  | { readonly kind: "resume"; readonly clients: number; readonly events: number }
  /** `runs` starts, one every `everyMs`: time from the model's first piece to the client. */
  | { readonly kind: "first-token"; readonly users: number; readonly everyMs: number };

export interface Plan {
  readonly rounds: number;
  readonly workloads: Readonly<Record<WorkloadName, Workload>>;
  /** A trial that takes longer is given up and shown as such. */
  readonly trialTimeoutMs: number;
}

const pace = {
  live: { kind: "steady", pieces: 1, everyMs: 10 },
  bursts: { kind: "saturated", pieces: 8, ahead: 20_000 },
  saturated: { kind: "saturated", pieces: 1, ahead: 20_000 },
} as const satisfies Record<string, Pace>;

const stream = (pace: Pace, warmUpMs: number, measureMs: number): StreamWorkload => ({
  kind: "stream",
  users: 200,
  pace,
  warmUpMs,
  measureMs,
});

export const fullPlan: Plan = {
  rounds: 5,
  trialTimeoutMs: 120_000,
  workloads: {
    saturated: stream(pace.saturated, 2_000, 5_000),
    bursts: stream(pace.bursts, 2_000, 5_000),
    live: stream(pace.live, 2_000, 5_000),
    idle: { kind: "idle", connections: 5_000 },
    resume: { kind: "resume", clients: 5_000, events: 50 },
    "first-token": { kind: "first-token", users: 500, everyMs: 10 },
  },
};

/** Only to see that everything works: its figures say little. */
export const quickPlan: Plan = {
  rounds: 1,
  trialTimeoutMs: 15_000,
  workloads: {
    saturated: stream(pace.saturated, 500, 1_000),
    bursts: stream(pace.bursts, 500, 1_000),
    live: stream(pace.live, 500, 1_000),
    idle: { kind: "idle", connections: 500 },
    resume: { kind: "resume", clients: 300, events: 50 },
    "first-token": { kind: "first-token", users: 50, everyMs: 10 },
  },
};

/** Users have one, two or three sockets in turn: two on average. */
export const socketsOf = (user: number): number => (user % 3) + 1;
