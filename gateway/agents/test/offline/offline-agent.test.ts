import { offlineAgent } from "@trueline/agents";
import type { Clock } from "@trueline/kit";
import type { Agent, ModelPart, ToolCall, ToolContext, TranscriptEntry } from "@trueline/server";
import { describe, expect, it } from "vitest";

const clock: Clock = { now: () => Date.UTC(2026, 11, 20, 10), monotonic: () => 0 };
const agent = offlineAgent({ pauseMs: 0, clock });

const messages = [
  {
    threadTitle: "Work",
    role: "user" as const,
    text: "The invoice of March is 300 €.",
    at: Date.UTC(2026, 2, 5),
  },
  {
    threadTitle: "*Odd* `signs`",
    role: "user" as const,
    text: "12.5 * 3 * 4, [click](https://evil.example), **not bold** &amp; snake_case_name www.a.example",
    at: Date.UTC(2026, 2, 6),
  },
];
const toolContext = {
  searchMessages: async (query: string) =>
    messages.filter(({ text }) => text.toLowerCase().includes(query.toLowerCase())),
} as unknown as ToolContext;

async function stepOf(
  transcript: readonly TranscriptEntry[],
  signal = new AbortController().signal,
): Promise<ModelPart[]> {
  const parts: ModelPart[] = [];
  const { instructions, tools } = agent;
  for await (const part of agent.model.step({ instructions, tools, transcript, signal })) parts.push(part);
  return parts;
}

const callsOf = (parts: readonly ModelPart[]): ToolCall[] =>
  parts.flatMap((part) => (part.type === "tool_call" ? [part.call] : []));
const textsOf = (parts: readonly ModelPart[]): string[] =>
  parts.flatMap((part) => (part.type === "text" ? [part.text] : []));

async function runTool(owner: Agent, { callId, tool, arguments: args }: ToolCall): Promise<TranscriptEntry> {
  const found = owner.tools.find((candidate) => candidate.name === tool);
  try {
    const parsed = found?.parameters.parse(args);
    const result = (await found?.execute(parsed as never, toolContext)) ?? "";
    return { role: "tool", callId, tool, ok: true, result };
  } catch (error) {
    return { role: "tool", callId, tool, ok: false, result: (error as Error).message };
  }
}

/** The loop that the engine does, without its records. */
async function ask(question: string) {
  const transcript: TranscriptEntry[] = [{ role: "user", text: question }];
  for (;;) {
    const parts = await stepOf(transcript);
    const toolCalls = callsOf(parts);
    const text = textsOf(parts).join("");
    transcript.push({ role: "agent", text, toolCalls });
    if (toolCalls.length === 0) return { text, transcript, parts };
    for (const call of toolCalls) transcript.push(await runTool(agent, call));
  }
}

describe("the offline agent", () => {
  it("EV5: says that it is not a language model", async () => {
    for (const question of ["hello", "who are you?", "help", "write me a poem about rain"]) {
      expect((await ask(question)).text).toContain("not a language model");
    }
    expect(agent.description).toContain("Not a language model");
  });

  it("RN5: works out what is asked, with a real tool", async () => {
    const { text, transcript } = await ask("what is 12.5% of 80?");
    expect(text).toContain("12.5% of 80 = 10");
    expect(transcript.map((entry) => entry.role)).toEqual(["user", "agent", "tool", "agent"]);
  });

  it("RN5: uses several tools at once where several things are asked", async () => {
    const { text, transcript } = await ask("What is 2 * 3 and what time is it in Tokyo?");
    expect(transcript[1]).toMatchObject({ toolCalls: [{ tool: "current_time" }, { tool: "calculate" }] });
    expect(text).toContain("2 × 3 = 6");
    expect(text).toMatch(/Asia\/Tokyo\) it is Sunday,? 20 December 2026.* 19:00:00/);
  });

  it("RN5: counts days, over the end of a year and back", async () => {
    expect((await ask("how many days until Christmas?")).text).toContain(": 5 days.");
    expect((await ask("days until 1 January")).text).toMatch(/Friday,? 1 January 2027: 12 days\./);
    expect((await ask("days between 2024-02-28 and 2024-03-01")).text).toContain(": 2 days.");
    expect((await ask("days between 2026-03-01 and 2026-02-01")).text).toContain("back to");
    expect((await ask("days between 2026-02-30 and 2026-03-01")).text).toContain("cannot read “2026-02-30”");
  });

  it("RN5: what a search quotes is shown as it was written, not as markdown", async () => {
    const { text } = await ask("search my threads for 12.5");
    expect(text).toBe(
      "Found in your threads:\n- 2026-03-06, you in “\\*Odd\\* \\`signs\\`”: 12.5 \\* 3 \\* 4, " +
        "\\[click\\](https\\://evil.example), \\*\\*not bold\\*\\* \\&amp; snake_case_name www\\.a.example",
    );
    expect((await ask("search my threads for *nothing*")).text).toBe(
      "Nothing in your threads mentions “\\*nothing\\*”.",
    );
  });

  it("RN5: searches the user's own threads", async () => {
    expect((await ask("search for invoice")).text).toContain(
      "2026-03-05, you in “Work”: The invoice of March is 300 €.",
    );
    expect((await ask("search for dragons")).text).toContain("Nothing in your threads mentions “dragons”");
  });

  it("RN5: says what did not work", async () => {
    expect((await ask("what is 1/0?")).text).toBe("That did not work: Division by zero has no answer.");
    expect((await ask("what time is it in Atlantis?")).text).toContain("no time zone for “Atlantis”");
  });

  it("RN5: streams word by word, with its reasons before", async () => {
    const { parts } = await ask("count to 50");
    expect(textsOf(parts).length).toBeGreaterThan(50);
    expect(textsOf(parts).join("")).toMatch(/^1, 2, 3, .*49, 50\. Done\.$/);
    expect(parts[0]?.type).toBe("reasoning");
    expect(parts.at(-1)).toEqual({ type: "end", usage: { inputTokens: 3, outputTokens: 51, costUsd: 0 } });
    expect((await ask("tell me about Trueline at length")).text.length).toBeGreaterThan(2_000);
  });

  it("RN3: goes on in the middle of a word where it was cut off, at whatever letter", async () => {
    const whole = (await ask("hello")).text;
    for (let cut = 1; cut <= whole.length; cut += 7) {
      const rest = await stepOf([
        { role: "user", text: "hello" },
        { role: "agent", text: whole.slice(0, cut), toolCalls: [], interrupted: true },
      ]);
      expect(whole.slice(0, cut) + textsOf(rest).join("")).toBe(whole);
    }
  });

  it("RN3: goes on after its tools, too, twice cut off", async () => {
    const { text, transcript } = await ask("what is 6 * 7?");
    const rest = await stepOf([
      ...transcript.slice(0, -1),
      { role: "agent", text: text.slice(0, 3), toolCalls: [], interrupted: true },
      { role: "agent", text: text.slice(3, 5), toolCalls: [], interrupted: true },
    ]);
    expect(textsOf(rest).join("")).toBe(text.slice(5));
  });

  it("RN4: answers a message that joined while its tools ran, and the one before it", async () => {
    const { transcript } = await ask("what is 6 * 7?");
    const joined: TranscriptEntry[] = [...transcript.slice(0, -1), { role: "user", text: "count to 3" }];
    const text = textsOf(await stepOf(joined)).join("");
    expect(text).toContain("6 × 7 = 42");
    expect(text).toContain("1, 2, 3. Done.");
  });

  it("RS7: stops in the middle of an answer when it is told to", async () => {
    const abort = new AbortController();
    const slow = offlineAgent({ pauseMs: 60_000, clock });
    const request = {
      instructions: "",
      tools: [],
      transcript: [{ role: "user" as const, text: "count to 50" }],
      signal: abort.signal,
    };
    const parts = slow.model.step(request)[Symbol.asyncIterator]();
    expect((await parts.next()).value).toMatchObject({ type: "reasoning" });
    const next = parts.next();
    abort.abort();
    await expect(next).rejects.toThrow();
  });
});
