/** A client of the SSE route that keeps each entry with its id. */
import { onTestFinished } from "vitest";
import type { Frame } from "./test-socket.ts";

export interface Entry {
  readonly id: string | undefined;
  readonly frame: Frame;
}

export interface TestEventSource {
  readonly status: number;
  readonly headers: Headers;
  readonly entries: readonly Entry[];
  /** The next entry of one of these types. Rejects when the stream ends before. */
  next(...types: string[]): Promise<Entry>;
  /** Resolves when the server has ended the stream. */
  readonly ended: Promise<void>;
  leave(): void;
}

export async function openEvents(url: string, token: string, lastEventId?: string): Promise<TestEventSource> {
  const leaving = new AbortController();
  onTestFinished(() => leaving.abort());
  const headers = {
    authorization: `Bearer ${token}`,
    ...(lastEventId === undefined ? {} : { "last-event-id": lastEventId }),
  };
  const response = await fetch(`${url}/v1/events`, { headers, signal: leaving.signal });
  const entries: Entry[] = [];
  let taken = 0;
  let isEnded = false;
  let wake: () => void = () => undefined;
  const ended = read(response, (entry) => {
    entries.push(entry);
    wake();
  }).then(() => {
    isEnded = true;
    wake();
  });
  return {
    status: response.status,
    headers: response.headers,
    entries,
    ended,
    leave: () => leaving.abort(),
    async next(...types) {
      for (;;) {
        while (taken < entries.length) {
          const entry = entries[taken++];
          if (entry && types.includes(entry.frame.type)) return entry;
        }
        if (isEnded) throw new Error(`the stream ended before ${types.join(" or ")}`);
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
}

async function read(response: Response, onEntry: (entry: Entry) => void): Promise<void> {
  const decoder = new TextDecoder();
  let rest = "";
  try {
    for await (const chunk of response.body ?? []) {
      const blocks = (rest + decoder.decode(chunk, { stream: true })).split("\n\n");
      rest = blocks.pop() ?? "";
      for (const block of blocks) {
        const data = /^data: (.*)$/m.exec(block)?.[1];
        if (data !== undefined) onEntry({ id: /^id: (.*)$/m.exec(block)?.[1], frame: JSON.parse(data) });
      }
    }
  } catch (error) {
    if ((error as Error).name !== "AbortError") throw error;
  }
}
