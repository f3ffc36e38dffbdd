import { connect } from "@trueline/client";
import { describe, expect, it, onTestFinished } from "vitest";
import { start } from "../../start.ts";

async function signedIn(url: string, token: string) {
  const client = connect({ url, getAccessToken: async () => token });
  onTestFinished(() => client.close());
  return client;
}

describe("a server of one's own", () => {
  it("AU6: keeps its own pages, and its own accounts get answers of their own", async () => {
    const url = await start("own-server", {});
    expect(await (await fetch(`${url}/basket`)).text()).toBe("The shop's own page at /basket");

    const grace = await signedIn(url, "token-of-grace");
    const answer = [];
    for await (const event of grace.ask("What is 6 * 7?")) answer.push(event);
    expect(answer.at(-1)).toMatchObject({
      type: "agent_completed",
      data: { text: expect.stringContaining("42") },
    });

    const alan = await signedIn(url, "token-of-alan");
    expect((await alan.threads.list()).threads).toEqual([]);
    expect((await grace.threads.list()).threads).toHaveLength(1);
  });

  it("AU6: who its verify function does not know gets nothing", async () => {
    const url = await start("own-server", {});
    const response = await fetch(`${url}/v1/threads`, {
      headers: { authorization: "Bearer token-of-mallory" },
    });
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ error: { code: "unauthorized" } });
  });
});
