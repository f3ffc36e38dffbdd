import { connect } from "@trueline/client";

const client = connect({ url: process.env.TRUELINE_URL ?? "http://127.0.0.1:8080" });
client.on("state", (state) => console.error(`[${state.state}]`));

await client.login("ada@example.com", process.env.TRUELINE_PASSWORD ?? "trueline-demo");

for await (const event of client.ask("What is 6 * 7?")) {
  switch (event.type) {
    case "tool_executing":
      console.error(`[${event.data.tool}: ${event.data.purpose}]`);
      break;
    case "text_delta":
      process.stdout.write(event.data.text);
      break;
    case "agent_failed":
      console.error(event.data.message);
  }
}

client.close();
