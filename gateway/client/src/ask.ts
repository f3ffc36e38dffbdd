/** A message and the events of its run as one loop. Uses nothing but the client's public face. */
import type { LogEvent, TerminalEventType } from "@trueline/protocol/wire";
import { ClientError } from "./errors.ts";
import type { EventQueue } from "./event-queue.ts";
import type { Ack, Client, EventsOptions, SendOptions } from "./types.ts";

interface Asking extends Pick<Client, "on"> {
  send(text: string, options: SendOptions): Promise<Ack>;
  events(options?: EventsOptions): EventQueue;
}

const terminal: Record<TerminalEventType, true> = {
  agent_completed: true,
  agent_failed: true,
  agent_cancelled: true,
};

export const isLastOfRun = (event: Pick<LogEvent, "type">): boolean => event.type in terminal;

/** The message is sent when the loop begins. */
export async function* ask(
  client: Asking,
  text: string,
  options: SendOptions,
): AsyncGenerator<LogEvent, void> {
  const { signal } = options;
  // Before the message goes out: its first events may come before its ack.
  const queue = client.events(signal ? { signal } : {});
  const off = client.on("reset", ({ cause }) => {
    if (cause === "live") return;
    queue.fail(new ClientError("reset", "events of the run may be missing; load the thread"));
  });
  try {
    const { runId } = await client.send(text, options);
    for await (const event of queue) {
      if (event.runId !== runId) continue;
      yield event;
      if (isLastOfRun(event)) return;
    }
    if (signal?.aborted) throw new ClientError("aborted", "the caller's signal was aborted");
    throw new ClientError("closed", "the client was closed before the run ended");
  } finally {
    off();
    queue.end();
  }
}
