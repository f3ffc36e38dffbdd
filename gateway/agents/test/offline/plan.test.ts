import { describe, expect, it } from "vitest";
import { planCalls } from "../../src/offline/plan.ts";

const plan = (text: string) =>
  planCalls(text).map((call) => [call.tool, ...Object.values(call.arguments)].join(" | "));

describe("picking tools from what was said", () => {
  it.each<[string, readonly string[]]>([
    ["what is 12 * (3+4)?", ["calculate | 12 * (3+4)"]],
    ["(what is 3*4)", ["calculate | 3*4"]],
    ["What is 2+2 and what time is it in Tokyo?", ["current_time | Tokyo", "calculate | 2+2"]],
    [
      "5 minus 3, 7 times 8, and 9 divided by 4",
      ["calculate | 5 - 3", "calculate | 7 * 8", "calculate | 9 / 4"],
    ],
    ["the square root of 2", ["calculate | sqrt 2"]],
    ["what is 15 percent of 80", ["calculate | 15% of 80"]],
    ["what is 10/0", ["calculate | 10/0"]],
    [
      "what time is it in Tokyo, New York and Berlin?",
      ["current_time | Tokyo", "current_time | New York", "current_time | Berlin"],
    ],
    ["time in london", ["current_time | london"]],
    ["what's today's date?", ["current_time"]],
    [
      "What is 17% of 2,340, and how many days until 2027-03-01?",
      ["days_between | today | 2027-03-01", "calculate | 17% of 2,340"],
    ],
    ["how many days until Christmas?", ["days_between | today | Christmas"]],
    ["days between 2026-01-01 and 2026-07-04", ["days_between | 2026-01-01 | 2026-07-04"]],
    ["how long is it since 4 July 2020", ["days_between | 4 July 2020 | today"]],
    ["what day is 2026-07-04?", ["days_between | 2026-07-04 | 2026-07-04"]],
    ["search for the invoices", ["search_messages | invoices"]],
    ['find "2 + 2" in my messages', ["search_messages | 2 + 2"]],
    ["did I ever mention dragons?", ["search_messages | dragons"]],
    ["hello", []],
    ["count to 50", []],
    ["I have 3 apples and 4 pears", []],
    ["we meet at 10:30-11:30", []],
    ["tell me about Trueline at length", []],
  ])("RN5: %s", (text, expected) => {
    expect(plan(text)).toEqual(expected);
  });
});
