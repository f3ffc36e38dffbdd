/**
 * **Leaks** (MG3): users come, some send, and go. When all are gone the process holds no manager, connection, timer or
 * handle more than before, and its heap is where it was, ±5 %.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { ChildGateway } from "./support/child-gateway.ts";
import { Device } from "./support/device.ts";
import { Ledger } from "./support/ledger.ts";
import type { Numbers } from "./support/protocol.ts";
import { type Verdict, warningsIn } from "./support/verdict.ts";

export interface LeaksOptions {
  /** Users who come and go before the heap is first looked at: what is filled once is full then. */
  readonly warmUp: number;
  readonly users: number;
  readonly atOnce: number;
  readonly onProgress?: (line: string) => void;
}

interface Found {
  readonly users: number;
  readonly heapBefore: number;
  readonly heapAfter: number;
  readonly heapChangePercent: number;
  readonly managers: number;
}

export async function proveLeaks(options: LeaksOptions): Promise<Verdict<Found>> {
  const { warmUp, users, atOnce, onProgress } = options;
  const gateway = new ChildGateway({ exposeGc: true, pieceMs: 1, limits: { managerIdleMs: 20 } });
  const visits = new Visits(gateway, atOnce);
  try {
    await gateway.start();
    await visits.receive(warmUp);
    const before = await atRest(gateway);
    onProgress?.(`warmed up by ${warmUp} users: ${before.heapUsed} bytes of heap`);
    await visits.receive(users);
    const after = await atRest(gateway);
    const change = (100 * (after.heapUsed - before.heapUsed)) / before.heapUsed;
    return {
      faults: [
        ...visits.faults,
        ...(Math.abs(change) > 5 ? [`the heap went from ${before.heapUsed} to ${after.heapUsed} bytes`] : []),
        ...differing(before.resources, after.resources),
        ...warningsIn(gateway.output),
      ],
      found: {
        users,
        heapBefore: before.heapUsed,
        heapAfter: after.heapUsed,
        heapChangePercent: Math.round(change * 100) / 100,
        managers: after.counts.managers ?? -1,
      },
    };
  } finally {
    await gateway.remove();
  }
}

/** Once the last manager's idle time is over. */
async function atRest(gateway: ChildGateway): Promise<Numbers> {
  const deadline = performance.now() + 30_000;
  for (;;) {
    const numbers = await gateway.numbers();
    const { managers, connections, runs } = numbers.counts;
    if (managers === 0 && connections === 0 && runs === 0) break;
    if (performance.now() > deadline) throw new Error(`still there: ${JSON.stringify(numbers.counts)}`);
    await sleep(20);
  }
  // A second look, when what waited for a turn or for a keep-alive of this side has come to its end.
  await sleep(500);
  return gateway.numbers();
}

const differing = (
  before: Readonly<Record<string, number>>,
  after: Readonly<Record<string, number>>,
): readonly string[] =>
  [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((name) => (after[name] ?? 0) > (before[name] ?? 0))
    .map((name) => `${name}: ${before[name] ?? 0} before, ${after[name] ?? 0} after`);

class Visits {
  readonly #gateway: ChildGateway;
  readonly #atOnce: number;
  readonly faults: string[] = [];
  #count = 0;

  constructor(gateway: ChildGateway, atOnce: number) {
    this.#gateway = gateway;
    this.#atOnce = atOnce;
  }

  async receive(users: number): Promise<void> {
    const last = this.#count + users;
    const come = async (): Promise<void> => {
      while (this.#count < last && this.faults.length === 0) await this.#visit(this.#count++);
    };
    await Promise.all(Array.from({ length: this.#atOnce }, come));
  }

  /** One in four sends, and one of those is gone before the answer. */
  async #visit(number: number): Promise<void> {
    const ledger = new Ledger(`visitor-${number}`);
    const seen = Promise.withResolvers<void>();
    const sends = number % 4 === 0;
    const id = `m-${number}`;
    const look = (): void => {
      const { answer } = ledger.sent.get(id) ?? {};
      const isDone = sends ? answer && (number % 16 === 0 || device.view.hasEnded(answer.runId)) : true;
      if (device.state === "live" && sends && ledger.sent.size === 0)
        device.send({ id, text: id, threadId: undefined });
      else if (device.state === "live" && isDone) seen.resolve();
      if (ledger.faults.length > 0) seen.resolve();
    };
    const device = new Device({
      url: () => this.#gateway.url,
      gather: true,
      ledger,
      name: "device",
      onFrame: look,
    });
    const stay = device.stay();
    await seen.promise;
    device.leave();
    await stay;
    this.faults.push(...ledger.faults);
  }
}
