/** Durations, counts and times as a person reads them. Pure. */

export function formatDuration(ms: number): string {
  if (ms < 1) return "<1 ms";
  if (ms < 9.95) return `${ms.toFixed(1)} ms`;
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 10_000) return `${(ms / 1_000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1_000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

export const formatCount = (count: number): string => count.toLocaleString("en");

/** A share of 1 as `99.95 %`. Never rounded up: what is not whole does not read so. */
export const formatShare = (share: number): string => `${Math.floor(share * 100_000 + 1e-6) / 1_000} %`;

/** `1 tool`, `2 tools`. */
export const plural = (count: number, noun: string): string =>
  `${formatCount(count)} ${noun}${count === 1 ? "" : "s"}`;

/** A sentence begins with a capital and ends with a full stop, whoever wrote it. */
export function sentence(text: string): string {
  const trimmed = text.trim();
  const whole = /[.!?…)]$/.test(trimmed) ? trimmed : `${trimmed}.`;
  return trimmed === "" ? "" : whole.charAt(0).toUpperCase() + whole.slice(1);
}

/** Servers say in words, too, when to try again; beside a count of the seconds that is once too often. */
export const withoutWait = (text: string): string =>
  text
    .replace(/,?\s*(?:or )?(?:please )?try again in [\d.,]+ ?(?:s|seconds?|min|minutes?)\b/i, "")
    .replace(/\.\s*\.$/, ".");

const dateTime = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
export const formatTime = (time: string | number): string => dateTime.format(new Date(time));

/** The heading a thread stands under in the list. */
export function dayGroup(iso: string, now = Date.now()): string {
  const days = Math.round((startOfDay(now) - startOfDay(Date.parse(iso))) / 86_400_000);
  if (days <= 0) return "Today";
  if (days === 1) return "Yesterday";
  if (days < 7) return "This week";
  return days < 31 ? "This month" : "Older";
}

const startOfDay = (time: number): number => new Date(time).setHours(0, 0, 0, 0);
