/**
 * What the offline agent says. Pure: an answer depends on the transcript only, so that one which was cut off by a crash
 * can be gone on with in the middle of a word.
 */
import type { TranscriptEntry } from "@trueline/server";
import { toolNames } from "./tools.ts";

export type ToolResult = Extract<TranscriptEntry, { role: "tool" }>;

const whoIAm =
  "I am Trueline's built-in offline agent: a set of rules with real tools, **not a language model**. " +
  "I run without any key or network, so that everything else here can be tried at once.";

const whatICan = `What I can do:

- **work things out**: \`what is 12.5% of 80, and (3 + 4) * 12?\`
- **tell the date and time**: \`what time is it in Tokyo and New York?\`
- **count days**: \`how many days until Christmas?\`, \`days between 2026-01-01 and 2026-07-04\`
- **search your own threads**: \`search for invoices\`
- **answer at length**: \`count to 50\`, \`tell me about Trueline at length\`

Several things in one message are fine: I use several tools at once.`;

const longestCount = 2_000;

/** An answer without tools. */
export function answerPlainly(question: string): string {
  const count = /\bcount\b.*?\b(?:to|till|until)\s+(\d{1,9})\b/i.exec(question);
  if (count !== null) return countTo(Number(count[1]));
  if (
    /\btrueline\b/i.test(question) ||
    /\b(?:at length|long(?:er)? (?:answer|story|text)|essay)\b/i.test(question)
  ) {
    return /\b(?:length|long|longer|detail|everything|essay|story)\b/i.test(question) ? aboutAtLength : about;
  }
  if (/\b(?:thanks|thank you|cheers)\b/i.test(question))
    return "You are welcome. Is there anything else to work out or look up?";
  if (/^\s*(?:hi|hello|hey|good (?:morning|day|evening|afternoon)|moin|hallo)\b/i.test(question)) {
    return `Hello! ${whoIAm}\n\n${whatICan}`;
  }
  if (/\b(?:help|who are you|what are you|what can you|are you (?:a|an) )/i.test(question)) {
    return `${whoIAm}\n\n${whatICan}`;
  }
  return `That is beyond my rules. ${whoIAm}\n\n${whatICan}\n\nFor free conversation, configure a model from OpenAI, Anthropic or any OpenAI-compatible server.`;
}

/** An answer made of what the tools found. */
export function answerFromResults(results: readonly ToolResult[]): string {
  const [first] = results;
  if (results.length === 1 && first !== undefined) return sentence(first);
  return results
    .map((result) => (result.tool === toolNames.search ? sentence(result) : `- ${sentence(result)}`))
    .join("\n");
}

function sentence({ tool, ok, result }: ToolResult): string {
  if (!ok) return `That did not work: ${literal(result)}`;
  if (tool === toolNames.calculate) return `**${literal(result.replace(/\s*\*\s*/g, " × "))}**`;
  return tool === toolNames.search ? list(result) : literal(result);
}

/** The lines of a search: its list stays one; what it quotes, titles and messages, is shown as it was written. */
const list = (result: string): string =>
  result
    .split("\n")
    .map((line) => (line.startsWith("- ") ? `- ${literal(line.slice(2))}` : literal(line)))
    .join("\n");

/** Text that is not ours, for an answer in markdown: nothing in it is emphasis, code, a link or an entity. */
const literal = (text: string): string =>
  text
    .replace(/[\\`*[\]<>~|@]/g, "\\$&")
    .replace(/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, "\\_")
    .replace(/&(?=#?\w+;)/g, "\\&")
    // What begins like an address would become a link, and take the backslashes before it literally.
    .replace(/:(?=\/\/)|(?<=\bwww)\./gi, "\\$&");

function countTo(end: number): string {
  if (end > longestCount)
    return `I count to ${longestCount} at most; you would not read ${end} numbers either.`;
  if (end < 1) return "There is nothing to count.";
  return `${Array.from({ length: end }, (_, index) => index + 1).join(", ")}. Done.`;
}

const about =
  "Trueline is a gateway between people and AI agents. You send a message; an agent runs, with tools; you, and nobody else, " +
  "see every step of it in order, on every device, across dropped connections and restarts. " +
  "Ask me to tell you about it *at length* for more.";

const aboutAtLength = `${about.slice(0, about.indexOf(" Ask me"))}

**One idea carries the design.** Everything that happens to you is an event in one append-only list: your event log. A browser tab, a phone, a second window: each is only a place in that list, moving towards its end. Showing you what happens now, catching up after a drop, serving a slow reader, opening a second tab: all of it is the same act, reading on from a place. There is no second path that could disagree with the first.

**An event is shown only after it is stored.** What you have seen, the server cannot forget. Close the lid in the middle of this sentence, open it on a train an hour later, and the answer goes on at the very next word: none missing, none twice, none out of order.

**A run belongs to you, not to your connection.** It goes on when you leave. It can be stopped from any of your devices, and the record says from which. A message that you send while an agent is busy waits its turn where you can see it, or joins the work at hand, as you choose.

**Every step is written down.** Before a tool runs, the log says so; when it is done, its result is recorded before anyone is told. If the server dies in between, the next one reads what was written and goes on from there. A tool that must not run twice does not run twice; the agent is told that it was interrupted instead.

**Nobody else is in the room.** Your log is reached through the one object that belongs to you, and the owner is part of every key and every query. On the way out it is checked again. A mismatch closes the connection and raises an alarm at the first occurrence.

**And it proves itself.** A probe signs in like a person, walks this whole way every half minute, and measures each leg of it. What the health page says is what was measured.

That is the golden path. I, the offline agent, am here so that you can walk it without a key: try the stop button, reload in the middle of an answer, or open a second window beside this one.`;
