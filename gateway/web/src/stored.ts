/**
 * What this browser keeps: the theme, and what was being written. A browser that keeps nothing (private windows, full
 * storage) costs the person only the keeping, so failures are told to the console and go no further.
 */
const prefix = "trueline.";

export function readStored(key: string): string | undefined {
  try {
    return localStorage.getItem(prefix + key) ?? undefined;
  } catch (error) {
    console.info(`this browser gives no stored ${key}`, error);
    return undefined;
  }
}

/** Undefined removes it. */
export function writeStored(key: string, value: string | undefined): void {
  try {
    if (value === undefined) localStorage.removeItem(prefix + key);
    else localStorage.setItem(prefix + key, value);
  } catch (error) {
    console.info(`this browser keeps no ${key}`, error);
  }
}

/** The keys that begin with `start`. */
export function storedKeys(start: string): readonly string[] {
  try {
    return Object.keys(localStorage)
      .filter((key) => key.startsWith(prefix + start))
      .map((key) => key.slice(prefix.length));
  } catch (error) {
    console.info(`this browser keeps no ${start}`, error);
    return [];
  }
}
