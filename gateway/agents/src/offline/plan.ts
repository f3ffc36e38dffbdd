/** The rules by which the offline agent picks its tools from what was said. Pure: the same words, the same plan. */
import { calculate } from "./arithmetic.ts";
import { toolNames } from "./tools.ts";

export interface PlannedCall {
  /** Why, for a person who watches. */
  readonly reason: string;
  readonly tool: string;
  readonly arguments: Readonly<Record<string, string>>;
}

const mostCalls = 6;

export function planCalls(text: string): readonly PlannedCall[] {
  const searches = planSearch(text);
  // What is looked for is not to be worked out as well.
  if (searches.length > 0) return searches;
  const days = planDays(text);
  // A date is not a subtraction.
  const dates = days.flatMap((call) => Object.values(call.arguments));
  const rest = dates.reduce((left, date) => left.replace(date, " "), text);
  return [...days, ...planTime(text), ...planArithmetic(rest)].slice(0, mostCalls);
}

function planSearch(text: string): readonly PlannedCall[] {
  const match =
    /\b(?:search|look)(?: (?:in|through) (?:my|our) (?:own )?(?:threads|messages|chats|history))? for\s+(.+)/i.exec(
      text,
    ) ??
    /\bfind\s+(.+?)\s+in (?:my|our) (?:own )?(?:threads|messages|chats|history)/i.exec(text) ??
    /\bfind\s+(["“«].+?["”»])/i.exec(text) ??
    /\bsearch (?:my|our) (?:own )?(?:threads|messages|chats|history)(?: for)?\s+(.+)/i.exec(text) ??
    /\b(?:did|have) I (?:ever )?(?:mention(?:ed)?|say|said|ask(?:ed)?|write|written)(?: (?:anything|something))?(?: about)?\s+(.+)/i.exec(
      text,
    ) ??
    /\bwhat did (?:I|we|you) (?:say|write|ask|discuss)(?: about)?\s+(.+)/i.exec(text);
  const query = tidyQuery(match?.[1] ?? "");
  if (query === "") return [];
  const reason = `This asks for something said before, so I search your own threads for “${query}”.`;
  return [{ reason, tool: toolNames.search, arguments: { query } }];
}

const tidyQuery = (words: string): string =>
  words
    .replace(/\s+(?:in|through) (?:my|our) (?:own )?(?:threads|messages|chats|history)\b/i, "")
    .replace(/[?!.]+\s*$/, "")
    .replace(/^(?:the|an?|my)\s+/i, "")
    .replace(/^["“«]|["”»]$/g, "")
    .trim()
    .slice(0, 200);

function planDays(text: string): readonly PlannedCall[] {
  const date = String.raw`((?:today|tomorrow|yesterday)|\d{4}-\d{1,2}-\d{1,2}|(?:the )?\d{1,2}(?:st|nd|rd|th)?(?: of)? [a-z]{3,9}(?:,? \d{4})?|[a-z]{3,9} \d{1,2}(?:st|nd|rd|th)?(?:,? \d{4})?|christmas eve|christmas|xmas|new year's eve|new year(?:'s day)?|halloween|in \d+ (?:days?|weeks?)|\d+ (?:days?|weeks?) (?:ago|from now))`;
  const between = new RegExp(`\\b(?:between|from)\\s+${date}\\s+(?:and|to|until|till)\\s+${date}`, "i").exec(
    text,
  );
  if (between !== null) return [dayCall(between[1], between[2])];
  const until = new RegExp(
    `\\b(?:days?|long|time|weeks?)\\b.{0,30}?\\b(?:until|till|to|before)\\s+${date}`,
    "i",
  ).exec(text);
  if (until !== null) return [dayCall("today", until[1])];
  const since = new RegExp(`\\b(?:days?|long|time|weeks?)\\b.{0,30}?\\bsince\\s+${date}`, "i").exec(text);
  if (since !== null) return [dayCall(since[1], "today")];
  const weekday = new RegExp(
    `\\b(?:what|which) (?:day|weekday|date)\\b.{0,25}?\\b(?:is|was|will|falls?)\\s+(?:it |be )?(?:on )?${date}`,
    "i",
  ).exec(text);
  return weekday === null ? [] : [dayCall(weekday[1], weekday[1])];
}

function dayCall(from = "today", to = "today"): PlannedCall {
  const reason =
    from === to ? `This asks about the day ${from}.` : `This asks for the days from ${from} to ${to}.`;
  return { reason, tool: toolNames.days, arguments: { from, to } };
}

function planTime(text: string): readonly PlannedCall[] {
  const asks =
    /\bwhat(?:'s|’s| is)? (?:the )?(?:current )?(?:time|date)\b|\bwhat time\b|\b(?:current|local) time\b|\btime is it\b|\bwhat day is (?:it|today)\b|\btoday's date\b|\btime in [A-Z]/i;
  if (!asks.test(text)) return [];
  const places = placesIn(text);
  if (places.length === 0) {
    return [{ reason: "This asks for the date and time here.", tool: toolNames.time, arguments: {} }];
  }
  return places.map((place) => {
    return { reason: `This asks for the time in ${place}.`, tool: toolNames.time, arguments: { place } };
  });
}

/** `in Tokyo, New York and Berlin`: names that begin with a capital, or a zone's name. */
function placesIn(text: string): readonly string[] {
  const name = String.raw`[A-Z][\w/'-]*(?: [A-Z][\w'-]*){0,2}`;
  const list = new RegExp(`\\bin (${name}(?:(?:,| and|, and| or) (?:in )?${name})*)`).exec(text)?.[1];
  const named = list?.split(/,? and (?:in )?|,? or (?:in )?|, /) ?? [];
  const lower = /\btime (?:is it )?in ([a-z]+(?: [a-z]+)?)\s*\??$/.exec(text)?.[1];
  return named.length > 0 ? named : lower === undefined ? [] : [lower];
}

function planArithmetic(text: string): readonly PlannedCall[] {
  const pieces = inSigns(text).split(/[?;\n]|,\s|\.\s|\band\b|\bthen\b|[:=]/i);
  const expressions = pieces.flatMap((piece) => expressionIn(piece) ?? []);
  return [...new Set(expressions)].map((expression) => {
    return {
      reason: `This holds something to work out: ${expression}.`,
      tool: toolNames.calculate,
      arguments: { expression },
    };
  });
}

/** Words for signs, where a number stands beside them. */
const inSigns = (text: string): string =>
  text
    .replace(/\b\d{1,2}:\d{2}\b/g, " ")
    .replace(/\b(?:the )?square root of\b/gi, "sqrt")
    .replace(/(?<=[\d)%])\s+plus\s+(?=[\d(.-])/gi, " + ")
    .replace(/(?<=[\d)%])\s+minus\s+(?=[\d(.-])/gi, " - ")
    .replace(/(?<=[\d)%])\s+(?:times|multiplied by|x)\s+(?=[\d(.-])/gi, " * ")
    .replace(/(?<=\d)x(?=\d)/gi, " * ")
    .replace(/(?<=[\d)%])\s+(?:divided by|over)\s+(?=[\d(.-])/gi, " / ")
    .replace(/(?<=[\d)%])\s+(?:modulo|mod)\s+(?=[\d(.-])/gi, " mod ")
    .replace(/(?<=[\d)%])\s+(?:to the power of|raised to)\s+(?=[\d(.-])/gi, " ^ ")
    .replace(/(?<=[\d)])\s+squared\b/gi, "^2")
    .replace(/(?<=[\d)])\s+cubed\b/gi, "^3")
    .replace(/(?<=\d)\s+percent\b/gi, "%");

/** The longest part that reads as arithmetic and has something to work out in it. */
function expressionIn(piece: string): string | undefined {
  const atom = String.raw`(?:\d[\d,]*\.?\d*(?:e[+-]?\d+)?|\.\d+|\b(?:sqrt|abs|floor|ceil|round|min|max|pi|mod|of)\b|[-+*/^%()!,×÷·−–√π])`;
  const candidates = piece.match(new RegExp(`${atom}(?:\\s*${atom})*`, "gi")) ?? [];
  const worth = candidates
    .map((candidate) =>
      candidate
        .trim()
        .replace(/^(?:of|mod)\b\s*|\s*\b(?:of|mod)$|,$/gi, "")
        .trim(),
    )
    .filter((candidate) => /\d/.test(candidate) && !/^[-+]?[\d.,]+$/.test(candidate))
    .filter((candidate) =>
      /[\d)%!]\s*(?:[-+*/^×÷·−–!]|mod\b|of\b)|(?:sqrt|abs|floor|ceil|round|min|max|√)/i.test(candidate),
    );
  const longest = worth.sort((a, b) => b.length - a.length)[0];
  return longest === undefined || looksLikeDate(longest) ? undefined : balanced(longest);
}

const looksLikeDate = (text: string): boolean =>
  /^\d{4}-\d{1,2}-\d{1,2}$|^\d{1,2}\/\d{1,2}\/\d{2,4}$/.test(text);

/** Without the bracket of the sentence around it, if that is what makes it readable. */
function balanced(expression: string): string {
  if (reads(expression)) return expression;
  const stripped = [expression.replace(/\)+$/, ""), expression.replace(/^\(+/, "")].find(reads);
  return (stripped ?? expression).trim();
}

function reads(expression: string): boolean {
  try {
    calculate(expression);
    return true;
  } catch {
    // Only whether it reads is asked; the tool says what is wrong with it.
    return false;
  }
}
