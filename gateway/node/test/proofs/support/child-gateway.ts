/** Starts, kills and asks the gateway in its process. One directory and one port for all its lives. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Answer, Numbers, Settings } from "./protocol.ts";

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface ChildOptions extends Partial<Omit<Settings, "directory" | "port" | "linesFile">> {
  /** Whether the process can be told to collect its garbage. */
  readonly exposeGc?: boolean;
}

const unlimited: Partial<Settings> = {
  limits: {
    connections: 0,
    runsAtOnce: 0,
    messagesPerMinute: 0,
    framesPerSecond: 0,
    queuedPerThread: 10_000,
    takeovers: 1_000_000,
  },
  access: {
    ticketsPerUser: 0,
    ticketsPerAddress: 0,
    upgradesPerUser: 0,
    upgradesPerAddress: 0,
    messagesPerAddress: 0,
  },
};

export class ChildGateway {
  readonly directory = mkdtempSync(join(tmpdir(), "trueline-proof-"));
  readonly linesFile = join(this.directory, "lines.txt");
  readonly #options: ChildOptions;
  /** Everything that it wrote on its standard error and output, over all its lives. */
  output = "";
  #child: ChildProcess | undefined;
  #ended: Promise<Ended> = Promise.resolve({ code: 0, signal: null });
  #ready: Promise<Answer> | undefined;
  #port = 0;
  #url = "";

  constructor(options: ChildOptions = {}) {
    this.#options = options;
  }

  /** Of the last life that became ready; the same from then on. */
  get url(): string {
    return this.#url;
  }

  /** Whether the process of the last life is still there. */
  get isRunning(): boolean {
    return this.#child?.exitCode === null && this.#child.signalCode === null;
  }

  /** Starts the process; does not wait until it serves. */
  spawn(): void {
    const { exposeGc = false, pieceMs = 6, log = "warn", limits, access } = this.#options;
    const settings: Settings = {
      directory: this.directory,
      port: this.#port,
      linesFile: this.linesFile,
      pieceMs,
      log,
      limits: { ...unlimited.limits, ...limits },
      access: { ...unlimited.access, ...access },
    };
    const child = fork(join(import.meta.dirname, "gateway-process.ts"), [JSON.stringify(settings)], {
      execArgv: ["--conditions=trueline-source", ...(exposeGc ? ["--expose-gc"] : [])],
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    const keep = (chunk: Buffer) => {
      this.output += String(chunk);
    };
    child.stdout?.on("data", keep);
    child.stderr?.on("data", keep);
    this.#child = child;
    this.#ended = once(child, "close").then(([code, signal]) => ({ code, signal }));
    this.#ready = this.#answer();
    // Told to whoever waits for it; one that is killed before nobody waits for.
    this.#ready.catch(() => undefined);
  }

  /** Resolves when it serves; rejects when it ended before. */
  async ready(): Promise<string> {
    const answer = await this.#ready;
    if (answer?.type !== "ready") throw new Error("the gateway's process said something else first");
    this.#port = answer.port;
    this.#url = answer.url;
    return answer.url;
  }

  async start(): Promise<string> {
    this.spawn();
    return this.ready();
  }

  async end(signal: "SIGKILL" | "SIGTERM"): Promise<Ended> {
    this.#child?.kill(signal);
    return this.#ended;
  }

  async numbers(): Promise<Numbers> {
    const answer = this.#answer();
    this.#child?.send({ collect: true });
    const numbers = await answer;
    if (numbers.type !== "numbers") throw new Error("the gateway's process gave no numbers");
    return numbers;
  }

  /** Ends it and removes its data. */
  async remove(): Promise<void> {
    await this.end("SIGKILL");
    rmSync(this.directory, { recursive: true, force: true });
  }

  #answer(): Promise<Answer> {
    const child = this.#child;
    if (!child) throw new Error("the gateway's process was not started");
    const ended = this.#ended.then(({ code, signal }) => {
      throw new Error(`the gateway's process ended (${code ?? signal}): ${this.output.slice(-2_000)}`);
    });
    return Promise.race([once(child, "message").then(([message]) => message as Answer), ended]);
  }
}
