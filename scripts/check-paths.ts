/**
 * Checks that every path of the repository that the documents name exists: in links, and in code spans that look like one.
 * A document that points to nothing is worse than none. Called by `npm test`.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";

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

function findMissing(document: string, tree: readonly string[]): readonly string[] {
  const exists = (path: string) => tree.some((file) => file === path || file.startsWith(`${path}/`));
  return findPaths(readFileSync(join(root, document), "utf8"))
    .map((path) => path.replace(/\/$/, ""))
    .filter((path) => !exists(path) && !exists(posix.join(posix.dirname(document), path)))
    .map((path) => `${document}: ${path} does not exist`);
}

/** What git has or would take: an empty folder, or something that was built, is not there in a fresh clone. */
function listTree(): readonly string[] {
  const listed = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
    cwd: root,
  });
  return listed
    .toString()
    .split("\0")
    .filter((path) => path && existsSync(join(root, path)));
}

if (import.meta.main) {
  const tree = listTree();
  const documents = tree.filter((path) => path.endsWith(".md"));
  const missing = documents.flatMap((document) => findMissing(document, tree));
  for (const line of missing) console.error(line);
  console.log(`paths in documents: ${documents.length} documents, ${missing.length} paths missing`);
  process.exitCode = missing.length > 0 ? 1 : 0;
}
