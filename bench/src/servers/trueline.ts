/**
 * The product as it is used: a gateway with its embedded store on disk, the durable log on, and an agent whose model is
 * the source. Every piece goes through a real run. Only the limits that would stop a benchmark from one address are off.
 */
import { createGateway, type GatewayOptions } from "@trueline/gateway";
import type { Source } from "../source.ts";
import type { Server, ServerOptions } from "./server.ts";

export async function startTrueline({ source, directory }: ServerOptions): Promise<Server> {
  const gateway = createGateway({
    store: { directory },
    accounts: { verify: (token) => (token === undefined ? undefined : { id: token, role: "user" }) },
    agents: [agentOf(source)],
    access: { upgradesPerAddress: 0, messagesPerAddress: 0 },
    // All clients of a storm are connected before the first of them says hello.
    limits: { helloTimeoutMs: 60_000 },
    log: "warn",
  });
  const { port } = await gateway.listen({ port: 0 });
  return { port, close: () => gateway.close() };
}

type Agent = NonNullable<GatewayOptions["agents"]>[number];

/** The message names the stream. */
function agentOf(source: Source): Agent {
  return {
    name: "bench",
    description: "gives out text at the pace of the benchmark",
    instructions: "",
    tools: [],
    model: {
      id: "bench",
      async *step({ transcript }) {
        const asked = transcript.findLast((entry) => entry.role === "user");
        for await (const text of source.open(asked?.text ?? "")) yield { type: "text", text };
        yield { type: "end", usage: { inputTokens: 0, outputTokens: 0 } };
      },
    },
  };
}
