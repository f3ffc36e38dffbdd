/** Calls between the main process and its children: a command with arguments, answered with a result or an error. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";

export type Handlers = Readonly<Record<string, (argument: never) => unknown>>;

interface Call {
  readonly id: number;
  readonly command: string;
  readonly argument: unknown;
}

type Reply = { readonly id: number } & ({ readonly value: unknown } | { readonly error: string });

/** Child side: answers the calls of the parent. A call's failure is given back, never swallowed. */
export function answerCalls(handlers: Handlers): void {
  // A bench that was interrupted leaves no server behind.
  process.once("disconnect", () => process.exit());
  process.on("message", async ({ id, command, argument }: Call) => {
    const reply = await answer(handlers, command, argument);
    process.send?.({ id, ...reply });
  });
}

async function answer(handlers: Handlers, command: string, argument: unknown) {
  const handler = handlers[command];
  if (!handler) return { error: `unknown command ${command}` };
  try {
    return { value: await handler(argument as never) };
  } catch (error) {
    return { error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

/** Parent side: a child process whose commands are called by name. A child that dies rejects what was asked of it. */
export class Child<H extends Handlers> {
  readonly #process: ChildProcess;
  readonly #waiting = new Map<number, { resolve: (value: never) => void; reject: (error: Error) => void }>();
  #calls = 0;

  constructor(module: URL, execArgv: readonly string[] = []) {
    this.#process = fork(module, { execArgv: ["--conditions=trueline-source", "--expose-gc", ...execArgv] });
    this.#process.on("message", (reply: Reply) => this.#settle(reply));
    this.#process.once("exit", (code, signal) => {
      for (const { reject } of this.#waiting.values())
        reject(new Error(`${module.pathname} ended: ${signal ?? code}`));
    });
  }

  call<C extends keyof H & string>(
    command: C,
    ...[argument]: Parameters<H[C]>
  ): Promise<Awaited<ReturnType<H[C]>>> {
    const id = ++this.#calls;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#process.send({ id, command, argument } satisfies Call);
    });
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    this.#process.kill("SIGKILL");
    await once(this.#process, "exit");
  }

  #settle(reply: Reply): void {
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if ("error" in reply) waiting?.reject(new Error(reply.error));
    else waiting?.resolve(reply.value as never);
  }
}
