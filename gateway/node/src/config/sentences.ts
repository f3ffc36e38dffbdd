/** What is wrong with a value, in words for whoever wrote it. For the configuration and the options of the library alike. */
import type { z } from "zod";

export function sentenceOf(issue: z.core.$ZodIssue): string {
  if (issue.code !== "invalid_type") return lowerFirst(issue.message);
  if (issue.input === undefined) return "is missing";
  return `expected ${named(issue.expected)}, got ${kindOf(issue.input)}`;
}

/** Names that do not exist are one issue of their parent; each is a mistake of its own. */
export function spread(
  issue: z.core.$ZodIssue,
): readonly { readonly path: readonly PropertyKey[]; readonly message: string }[] {
  if (issue.code !== "unrecognized_keys") return [{ path: issue.path, message: sentenceOf(issue) }];
  return issue.keys.map((key) => ({ path: [...issue.path, key], message: "there is no such option" }));
}

const names: Readonly<Record<string, string>> = {
  number: "a number",
  int: "a whole number",
  string: "text",
  boolean: "true or false",
  array: "a list",
  object: "a map of options",
};

const named = (expected: string): string => names[expected] ?? expected;

function kindOf(value: unknown): string {
  if (value === null) return "nothing";
  if (Array.isArray(value)) return "a list";
  return names[typeof value] ?? typeof value;
}

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);
