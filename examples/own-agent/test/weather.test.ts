import { connect } from "@trueline/client";
import { describe, expect, it, onTestFinished } from "vitest";
import { callTools, say, startProvider } from "../../../gateway/agents/test/support/provider-server.ts";
import { start } from "../../start.ts";

describe("an agent with a tool of one's own", () => {
  it("RN1, RN2: the model calls the tool, sees its result, and its answer reaches the user", async () => {
    const provider = await startProvider();
    onTestFinished(() => provider.stop());
    provider.reply(
      callTools({ name: "temperature", arguments: '{"room":"cellar"}' }),
      say("It is ", "11.5 °C."),
    );
    const url = await start("own-agent", { MODEL_URL: provider.baseUrl, MODEL: "test" });

    const client = connect({ url });
    onTestFinished(() => client.close());
    await client.login("ada@example.com", "trueline-demo");
    const seen = [];
    for await (const event of client.ask("How warm is the cellar?")) seen.push(event);

    expect(seen.find((event) => event.type === "tool_completed")?.data).toMatchObject({
      tool: "temperature",
      ok: true,
      preview: "11.5",
    });
    expect(seen.at(-1)).toMatchObject({ type: "agent_completed", data: { text: "It is 11.5 °C." } });
    expect(provider.requests[1]?.body.messages.at(-1)).toMatchObject({ role: "tool", content: "11.5" });
  });
});
