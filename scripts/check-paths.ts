/**
 * Checks that every path of the repository that the documents name exists: in links, and in code spans that look like one.
 * A document that points to nothing is worse than none. Called by `npm test`.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";

const root = join(import.meta.dirname, "..");

/** Folders of the repository: what begins with one of them in a code span is a path. */
const folders = [
  "kit",
  "gateway",
  "probe",
  "cli",
  "examples",
  "bench",
  "scripts",
  "docs",
  "decisions",
  ".ci",
];

export function findPaths(markdown: string): readonly string[] {
  const prose = markdown.replaceAll(/^```.*?^```/gms, "");
  const links = [...prose.matchAll(/\]\((?!\w+:|#)([^)\s#]+)[^)]*\)/g)].map((match) => match[1] ?? "");
  const spans = [...prose.matchAll(/`([\w.@-]+(?:\/[\w.@-]+)*\/?)`/g)].map((match) => match[1] ?? "");
  const looksLikePath = (text: string) => text.includes("/") && folders.includes(text.split("/")[0] ?? "");
  return [...links, ...spans.filter(looksLikePath)];
}

function findMissing(document: string): readonly string[] {
  const paths = findPaths(readFileSync(join(root, document), "utf8"));
  const exists = (path: string) =>
    existsSync(join(root, path)) || existsSync(join(root, normalize(join(dirname(document), path))));
  return paths.filter((path) => !exists(path)).map((path) => `${document}: ${path} does not exist`);
}

if (import.meta.main) {
  const listed = execFileSync(
    "git",
    ["ls-files", "-z", "--cached", "--others", "--exclude-standard", "*.md"],
    { cwd: root },
  );
  const documents = listed
    .toString()
    .split("\0")
    .filter((path) => path && existsSync(join(root, path)));
  const missing = documents.flatMap(findMissing);
  for (const line of missing) console.error(line);
  console.log(`paths in documents: ${documents.length} documents, ${missing.length} paths missing`);
  process.exitCode = missing.length > 0 ? 1 : 0;
}
