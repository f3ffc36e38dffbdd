/** Durations and periods as a person writes them: `30s`, `1h`, `2026-03-01`, `7d` ago. */
import { InvalidArgumentError } from "commander";

const units = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Milliseconds. */
export function parseDuration(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text.trim());
  const ms = match ? Number(match[1]) * units[match[2] as keyof typeof units] : 0;
  if (ms > 0) return ms;
  throw new InvalidArgumentError("A duration is like 500ms, 30s, 5m, 2h or 7d, and more than 0.");
}

/** Milliseconds since 1970: a date or time of ISO 8601, or a duration before now. */
export function parseMoment(text: string): number {
  if (/^\d+(\.\d+)?(ms|s|m|h|d)$/.test(text.trim())) return Date.now() - parseDuration(text);
  const at = /^\d{4}-\d{2}-\d{2}/.test(text.trim()) ? Date.parse(text.trim()) : Number.NaN;
  if (!Number.isNaN(at)) return at;
  throw new InvalidArgumentError(
    "A moment is like 2026-03-01, 2026-03-01T12:00:00Z, or 7d for seven days ago.",
  );
}
