// An agent with a tool of one's own, for a model at MODEL_URL (OpenAI-compatible; Ollama's by default).
// Run it in this repository: npm run example:own-agent
import { createModel, defineAgent, defineTool } from "@trueline/agents";
import { createGateway } from "@trueline/gateway";
import { z } from "zod";

const { MODEL_URL: baseUrl = "http://localhost:11434/v1", MODEL: model = "llama3.3" } = process.env;

const temperature = defineTool({
  name: "temperature",
  description: "Measures the temperature of a room, in degrees Celsius.",
  parameters: z.object({ room: z.enum(["kitchen", "cellar"]) }),
  repeatable: true,
  execute: ({ room }) => (room === "cellar" ? "11.5" : "21.0"),
});

const house = defineAgent({
  name: "house",
  description: "Knows the rooms of the house.",
  instructions: "Answer questions about the house. Measure, do not guess.",
  model: createModel({ provider: "openai-compatible", baseUrl, model }),
  tools: [temperature],
});

const store = { directory: process.env.DATA ?? ".trueline" };
const gateway = createGateway({ store, accounts: { demo: true }, agents: [house], pages: true });
console.log((await gateway.listen({ port: Number(process.env.PORT ?? 8080) })).url);
process.once("SIGTERM", () => gateway.close());
