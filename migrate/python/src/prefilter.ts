/**
 * Whether a source can concern a target at all: a search for bytes, before anything is scanned. May say yes wrongly, never no.
 * Python takes a name in any form that Unicode calls compatible (`ﬁle` is `file`), so a source with other letters than ASCII's
 * is searched once more as Python sees it.
 */
import { isAscii } from "node:buffer";
import { decode, detectEncoding } from "./encoding.ts";

export type Prefilter = (source: Buffer) => boolean;

/**
 * Looks for any of these names. Give the last segment of each dotted path: blanks and lines may stand around the dots, and a
 * relative import leaves the first ones out.
 */
export function prefilterFor(names: readonly string[]): Prefilter {
  const normal = names.map((name) => name.normalize("NFKC"));
  const needles = normal.map((name) => Buffer.from(name));
  return (source) => {
    if (needles.some((needle) => source.indexOf(needle) >= 0)) return true;
    if (isAscii(source)) return false;
    const text = asPythonSees(source);
    return normal.some((name) => text.includes(name));
  };
}

function asPythonSees(source: Buffer): string {
  const { encoding, textStart } = detectEncoding(source);
  return decode(source, encoding, textStart, source.length).normalize("NFKC");
}
