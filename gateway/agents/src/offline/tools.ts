/** The tools of the offline agent: arithmetic, date and time, search in the user's own threads. All may be repeated. */
import type { Clock } from "@trueline/kit";
import type { Tool } from "@trueline/server";
import { z } from "zod";
import { defineTool } from "../define.ts";
import { calculate } from "./arithmetic.ts";
import { dayIn, daysBetween, findTimeZone, parseDay, sayDay, sayTime } from "./dates.ts";
import { formatFraction } from "./fraction.ts";

export const toolNames = {
  calculate: "calculate",
  time: "current_time",
  days: "days_between",
  search: "search_messages",
} as const;

/** Zone of people who name none. */
export const homeZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

const mostFound = 5;

export function offlineTools(clock: Clock): readonly Tool[] {
  return [calculator(), clockTool(clock), calendar(clock), search()];
}

const calculator = (): Tool =>
  defineTool({
    name: toolNames.calculate,
    description: "Works out an arithmetic expression, exactly",
    parameters: z.strictObject({ expression: z.string().min(1).max(500) }),
    repeatable: true,
    execute: ({ expression }) => {
      const { text, exact } = formatFraction(calculate(expression));
      return `${expression.trim()} ${exact ? "=" : "≈"} ${text}`;
    },
  });

const clockTool = (clock: Clock): Tool =>
  defineTool({
    name: toolNames.time,
    description: "Tells the date and time, by this server's clock or elsewhere",
    parameters: z.strictObject({ place: z.string().min(1).max(100).optional() }),
    repeatable: true,
    execute: ({ place }) => {
      const zone = place === undefined ? homeZone() : findTimeZone(place);
      if (zone === undefined) throw new Error(`I know no time zone for “${place}”.`);
      const where = place === undefined ? `By this server's clock (${zone})` : `In ${place} (${zone})`;
      return `${where} it is ${sayTime(zone, clock.now())}.`;
    },
  });

const calendar = (clock: Clock): Tool =>
  defineTool({
    name: toolNames.days,
    description: "Counts the days between two dates",
    parameters: z.strictObject({ from: z.string().min(1).max(60), to: z.string().min(1).max(60) }),
    repeatable: true,
    execute: ({ from, to }) => {
      const today = dayIn(homeZone(), clock.now());
      const [start, end] = [from, to].map((text) => {
        const day = parseDay(text, today);
        if (day === undefined) throw new Error(`I cannot read “${text}” as a date.`);
        return day;
      }) as [number, number];
      if (start === end) return `${sayDay(start)}.`;
      const days = daysBetween(start, end);
      const span = `${Math.abs(days)} day${Math.abs(days) === 1 ? "" : "s"}`;
      return `From ${sayDay(start)} ${days < 0 ? "back " : ""}to ${sayDay(end)}: ${span}.`;
    },
  });

const search = (): Tool =>
  defineTool({
    name: toolNames.search,
    description: "Searches your own messages",
    parameters: z.strictObject({ query: z.string().trim().min(1).max(200) }),
    repeatable: true,
    execute: async ({ query }, { searchMessages }) => {
      const found = await searchMessages(query, mostFound);
      if (found.length === 0) return `Nothing in your threads mentions “${query}”.`;
      const lines = found.map(({ threadTitle, role, text, at }) => {
        const who = role === "user" ? "you" : "the agent";
        return `- ${new Date(at).toISOString().slice(0, 10)}, ${who} in “${threadTitle}”: ${excerpt(text, query)}`;
      });
      return `Found in your threads:\n${lines.join("\n")}`;
    },
  });

/** The surroundings of the first word that was looked for, on one line. */
function excerpt(text: string, query: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  const word = query.split(/\s+/)[0]?.toLowerCase() ?? "";
  const at = Math.max(0, line.toLowerCase().indexOf(word));
  const start = Math.max(0, at - 60);
  const end = Math.min(line.length, at + 100);
  return `${start > 0 ? "…" : ""}${line.slice(start, end)}${end < line.length ? "…" : ""}`;
}
