/** What the pages make of sentences from the server, and of the parts of a run. */
import { describe, expect, it } from "vitest";
import { sentence, withoutWait } from "../src/format.ts";
import { stretchesOf } from "../src/turns.ts";

describe("the texts of the pages", () => {
  it.each([
    ["the e-mail address or the password is wrong", "The e-mail address or the password is wrong."],
    ["An administrator ended this session.", "An administrator ended this session."],
    ["signed out in another tab", "Signed out in another tab."],
    ["", ""],
  ])("UI1: %j reads as a sentence", (text, shown) => {
    expect(sentence(text)).toBe(shown);
  });

  it.each([
    ['The limit "logins" is reached. Try again in 57 s.', 'The limit "logins" is reached.'],
    [
      'The limit "connections" is 10 at once and 10 are open. Close one, or try again in 5 s.',
      'The limit "connections" is 10 at once and 10 are open. Close one.',
    ],
    ["Try again when you are back.", "Try again when you are back."],
  ])("AU5: beside a count of the seconds, %j does not say the wait again", (text, shown) => {
    expect(sentence(withoutWait(text))).toBe(shown);
  });
});

describe("the stretches of a run", () => {
  const thinking = (step: number) => ({ kind: "thinking", step, text: "Hm." }) as const;
  const text = (words: string) => ({ kind: "text", text: words }) as const;
  const tool = { kind: "tool", callId: "c1" } as const;

  it("RN3: an answer that a crash cut in the middle is one answer", () => {
    expect(
      stretchesOf(
        [thinking(1), text("one, t"), thinking(2), text("wo, th"), thinking(3), text("ree")],
        false,
      ),
    ).toEqual([
      { kind: "steps", parts: [thinking(1)] },
      { kind: "text", text: "one, two, three", resumed: true },
    ]);
    expect(stretchesOf([text("one, t"), thinking(2), text("wo")], false)).toEqual([
      { kind: "text", text: "one, two", resumed: true },
    ]);
  });

  it("RN4: an answer to a message that joined the run is another piece", () => {
    const parts = [thinking(1), text("one"), thinking(2), text("two")];
    expect(stretchesOf(parts, true).map(({ kind }) => kind)).toEqual(["steps", "text", "steps", "text"]);
  });

  it("UI1: text before a tool, and thoughts within a step, stay where they were", () => {
    const kinds = (...parts: Parameters<typeof stretchesOf>[0]) =>
      stretchesOf(parts, false).map(({ kind }) => kind);
    expect(kinds(thinking(1), text("I look."), tool, thinking(2), text("Found."))).toEqual([
      "steps",
      "text",
      "steps",
      "text",
    ]);
    expect(kinds(thinking(1), text("First."), thinking(1), text("Second."))).toEqual([
      "steps",
      "text",
      "steps",
      "text",
    ]);
  });
});
