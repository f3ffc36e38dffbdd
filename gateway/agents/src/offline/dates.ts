/** Reading dates and time zones as people write them, and saying them. The time is always given, never read here. */
const dayMs = 86_400_000;
const months = "january february march april may june july august september october november december".split(
  " ",
);

/** A day of the calendar, as midnight UTC in milliseconds since 1970. */
export type Day = number;

/** `2026-12-25`, `25 December 2026`, `Dec 25`, `today`, `tomorrow`, `Christmas`. Without a year: the next one. */
export function parseDay(text: string, today: Day): Day | undefined {
  const words = text.trim().toLowerCase().replace(/[,.]/g, " ").replace(/\s+/g, " ").replace(/^the /, "");
  return relativeDay(words, today) ?? isoDay(words) ?? holiday(words, today) ?? writtenDay(words, today);
}

export const daysBetween = (from: Day, to: Day): number => Math.round((to - from) / dayMs);

export const sayDay = (day: Day): string =>
  new Intl.DateTimeFormat("en-GB", { dateStyle: "full", timeZone: "UTC" }).format(day);

/** The calendar day in a time zone at a time. */
export function dayIn(timeZone: string, now: number): Day {
  const parts = new Intl.DateTimeFormat("en-CA", { timeZone, dateStyle: "short" }).format(now);
  return Date.parse(`${parts}T00:00:00Z`);
}

export const sayTime = (timeZone: string, now: number): string =>
  new Intl.DateTimeFormat("en-GB", { timeZone, dateStyle: "full", timeStyle: "long" }).format(now);

/** `Tokyo`, `new york`, `Europe/Berlin`, `UTC` to the name of its zone. */
export function findTimeZone(place: string): string | undefined {
  const wanted = place.trim().toLowerCase().replace(/\s+/g, "_");
  const known = aliases[wanted];
  if (known !== undefined) return known;
  const zones = Intl.supportedValuesOf("timeZone");
  const exact = zones.find((zone) => zone.toLowerCase() === wanted);
  return exact ?? zones.find((zone) => zone.toLowerCase().endsWith(`/${wanted}`));
}

const aliases: Readonly<Record<string, string>> = {
  utc: "UTC",
  gmt: "UTC",
  beijing: "Asia/Shanghai",
  china: "Asia/Shanghai",
  delhi: "Asia/Kolkata",
  mumbai: "Asia/Kolkata",
  india: "Asia/Kolkata",
  kyiv: "Europe/Kiev",
  san_francisco: "America/Los_Angeles",
  california: "America/Los_Angeles",
  seattle: "America/Los_Angeles",
  washington: "America/New_York",
  boston: "America/New_York",
  miami: "America/New_York",
  nyc: "America/New_York",
  munich: "Europe/Berlin",
  germany: "Europe/Berlin",
  france: "Europe/Paris",
  japan: "Asia/Tokyo",
  uk: "Europe/London",
  geneva: "Europe/Zurich",
};

function relativeDay(words: string, today: Day): Day | undefined {
  const offset = { today: 0, now: 0, tomorrow: 1, yesterday: -1 }[words];
  if (offset !== undefined) return today + offset * dayMs;
  const match = /^(?:in )?(\d{1,6}) (day|week)s?( ago| from now)?$/.exec(words);
  if (match === null) return undefined;
  const days = Number(match[1]) * (match[2] === "week" ? 7 : 1);
  return today + (match[3] === " ago" ? -days : days) * dayMs;
}

function isoDay(words: string): Day | undefined {
  const match = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(words);
  return match === null ? undefined : dayOf(Number(match[1]), Number(match[2]), Number(match[3]));
}

function holiday(words: string, today: Day): Day | undefined {
  const match =
    /^(christmas eve|christmas|xmas|new year's eve|new year(?:'s day)?|halloween)(?: (\d{4}))?$/.exec(words);
  if (match === null) return undefined;
  const name = match[1] ?? "";
  const [month, day] = holidays[name.startsWith("new year's eve") ? "eve" : name.slice(0, 13)] ?? [1, 1];
  return match[2] === undefined ? nextOf(month, day, today) : dayOf(Number(match[2]), month, day);
}

const holidays: Readonly<Record<string, readonly [number, number]>> = {
  "christmas eve": [12, 24],
  christmas: [12, 25],
  xmas: [12, 25],
  eve: [12, 31],
  halloween: [10, 31],
};

/** `25 december 2026`, `december 25th`, `1st of may`. */
function writtenDay(words: string, today: Day): Day | undefined {
  const dayFirst = /^(\d{1,2})(?:st|nd|rd|th)?(?: of)? ([a-z]{3,9})(?: (\d{4}))?$/.exec(words);
  const monthFirst = /^([a-z]{3,9}) (\d{1,2})(?:st|nd|rd|th)?(?: (\d{4}))?$/.exec(words);
  const [name, day, year] = dayFirst
    ? [dayFirst[2], dayFirst[1], dayFirst[3]]
    : [monthFirst?.[1], monthFirst?.[2], monthFirst?.[3]];
  const month = months.findIndex((candidate) => name !== undefined && candidate.startsWith(name)) + 1;
  if (month === 0) return undefined;
  return year === undefined ? nextOf(month, Number(day), today) : dayOf(Number(year), month, Number(day));
}

function nextOf(month: number, day: number, today: Day): Day | undefined {
  const year = new Date(today).getUTCFullYear();
  const thisYear = dayOf(year, month, day);
  return thisYear !== undefined && thisYear >= today ? thisYear : dayOf(year + 1, month, day);
}

/** Undefined for a day that the calendar does not have. */
function dayOf(year: number, month: number, day: number): Day | undefined {
  const time = Date.UTC(year, month - 1, day);
  const date = new Date(time);
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? time : undefined;
}
