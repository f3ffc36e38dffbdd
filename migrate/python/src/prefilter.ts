/**
 * Whether a source can concern a target at all: a search for bytes, before anything is scanned. May say yes wrongly, never no. A
 * name in other letters than ASCII's may be written in several forms: then every file with such letters is a candidate.
 */
import { isAscii } from "node:buffer";

export type Prefilter = (source: Buffer) => boolean;

/**
 * Looks for any of these names. Give the last segment of each dotted path: blanks and lines may stand around the dots, and a
 * relative import leaves the first ones out.
 */
export function prefilterFor(names: readonly string[]): Prefilter {
  const needles = names.filter((name) => isAscii(Buffer.from(name))).map((name) => Buffer.from(name));
  const otherLetters = needles.length < names.length;
  return (source) =>
    needles.some((needle) => source.indexOf(needle) >= 0) || (otherLetters && !isAscii(source));
}
