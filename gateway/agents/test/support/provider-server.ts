/** A real HTTP server that streams as an OpenAI-compatible one does. A test says, request by request, what it sends. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface ProviderRequest {
  readonly body: {
    model: string;
    messages: { role: string; content: unknown; tool_calls?: unknown; tool_call_id?: string }[];
    tools?: { function: { name: string; parameters: object } }[];
  };
  readonly headers: IncomingMessage["headers"];
  /** Resolves when the other side closed the connection before the answer was over. */
  readonly dropped: Promise<void>;
}

export type Reply = (response: ServerResponse, request: ProviderRequest) => void | Promise<void>;

export async function startProvider() {
  const replies: Reply[] = [];
  const requests: ProviderRequest[] = [];
  const waiting: ((request: ProviderRequest) => void)[] = [];
  const server = createServer(async (incoming, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const dropped = new Promise<void>((resolve) => {
      response.on("close", () => {
        if (!response.writableFinished) resolve();
      });
    });
    const request = {
      body: JSON.parse(Buffer.concat(chunks).toString()),
      headers: incoming.headers,
      dropped,
    };
    requests.push(request);
    waiting.shift()?.(request);
    const reply = replies.shift();
    if (reply === undefined) throw new Error("the test has no reply for this request");
    await reply(response, request);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    requests,
    reply: (...next: Reply[]) => replies.push(...next),
    nextRequest: () => new Promise<ProviderRequest>((resolve) => waiting.push(resolve)),
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
export type ProviderServer = Awaited<ReturnType<typeof startProvider>>;

export const chunk = (delta: object, finish: string | null = null) => ({
  id: "chatcmpl-1",
  object: "chat.completion.chunk",
  created: 1,
  model: "test",
  choices: [{ index: 0, delta, finish_reason: finish }],
});
const usage = {
  ...chunk({}),
  choices: [],
  usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 },
};

export function openStream(response: ServerResponse): void {
  response.writeHead(200, { "content-type": "text/event-stream" });
}

export function send(response: ServerResponse, ...events: (object | string)[]): void {
  for (const event of events)
    response.write(`data: ${typeof event === "string" ? event : JSON.stringify(event)}\n\n`);
}

export function finish(response: ServerResponse, reason = "stop"): void {
  send(response, chunk({}, reason), usage, "[DONE]");
  response.end();
}

export const say =
  (...pieces: string[]): Reply =>
  (response) => {
    openStream(response);
    send(response, ...pieces.map((content) => chunk({ content })));
    finish(response);
  };

export const callTools =
  (...calls: { id?: string; name: string; arguments: string }[]): Reply =>
  (response) => {
    openStream(response);
    calls.forEach((call, index) => {
      const { id = `call_${index}`, name, arguments: args } = call;
      const head = { index, id, type: "function", function: { name, arguments: "" } };
      send(response, chunk({ tool_calls: [head] }));
      for (const piece of args.match(/.{1,3}/gs) ?? []) {
        send(response, chunk({ tool_calls: [{ index, function: { arguments: piece } }] }));
      }
    });
    finish(response, "tool_calls");
  };

export const refuse =
  (status: number, body: object | string = { error: { message: `status ${status}` } }, headers = {}): Reply =>
  (response) => {
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(typeof body === "string" ? body : JSON.stringify(body));
  };
