/**
 * Enforces layers.ts: every import of every source file is parsed and judged. Prints each violation with the reason of
 * its rule; exit code 1 when there is one. `findViolations` is pure, and proven in scripts/test/check-layers.test.ts.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { dirname, join, posix } from "node:path";
import { parseSync } from "oxc-parser";
import { absences, type Layer, layers, testFolder, testingFolder } from "../layers.ts";

export interface Workspace {
  /** By name in package.json. */
  readonly packages: ReadonlyMap<string, Package>;
  /** Source text by path from the root. */
  readonly files: ReadonlyMap<string, string>;
}

export interface Package {
  readonly folder: string;
  /** Source file by what is written after the package's name: `""`, `"/react"`. */
  readonly entries: ReadonlyMap<string, string>;
}

interface Import {
  readonly from: string;
  readonly specifier: string;
  readonly line: number;
  /** Only types: it is gone at run time. It counts for the layers, not for cycles. */
  readonly typeOnly: boolean;
}

export function findViolations(workspace: Workspace): readonly string[] {
  const imports = [...workspace.files].flatMap(([path, text]) => listImports(path, text));
  return [
    ...[...workspace.files.keys()].filter((path) => !layerOf(path)).map(homeless),
    ...imports.flatMap((one) => judge(one, workspace)),
    ...findCycles(runtimeEdges(imports, workspace)),
    ...findUnwanted(runtimeEdges(imports, workspace)),
  ];
}

const homeless = (path: string): string =>
  `${path}: belongs to no layer. Say in layers.ts what this folder may import, and why.`;

function judge(one: Import, workspace: Workspace): readonly string[] {
  const layer = layerOf(one.from);
  if (!layer || isTest(one.from)) return [];
  const fault = findFault(one, layer, workspace);
  return fault ? [`${one.from}:${one.line}: imports ${one.specifier}: ${fault}\n    ${layer.because}`] : [];
}

function findFault(one: Import, layer: Layer, workspace: Workspace): string | undefined {
  if (isBuiltin(one.specifier)) return faultOfBuiltin(one.specifier, layer);
  if (one.specifier.startsWith(".")) return faultOfRelative(one, layer);
  const name = packageName(one.specifier);
  const folder = workspace.packages.get(name)?.folder;
  if (folder === undefined) {
    const allowed = layer.packages === "declared" || layer.packages.includes(name);
    return allowed ? undefined : `${layer.folder} may not use this package.`;
  }
  if (one.specifier.split("/").includes(testingFolder)) return "only tests import it.";
  const allowed = layer.imports.some((other) => other === folder || other === `${folder}/src`);
  return allowed ? undefined : `${layer.folder} may not import ${folder}.`;
}

function faultOfBuiltin(specifier: string, layer: Layer): string | undefined {
  const full = specifier.startsWith("node:") ? specifier : `node:${specifier}`;
  const allowed = layer.builtins === "any" || layer.builtins.includes(full);
  return allowed ? undefined : `${layer.folder} may not use this module of Node.`;
}

function faultOfRelative(one: Import, layer: Layer): string | undefined {
  const target = posix.join(posix.dirname(one.from), one.specifier);
  if (isTest(target)) return "only tests import what is under test/.";
  const other = layerOf(target);
  if (other === layer) return undefined;
  if (other?.folder.endsWith(`/${testingFolder}`)) return "only tests import it.";
  const elsewhere = other && other.folder !== "." && packageOf(other.folder) !== packageOf(layer.folder);
  if (elsewhere) return "import another package by its name.";
  return other && layer.imports.includes(other.folder) ? undefined : `${layer.folder} may not import it.`;
}

const isTest = (path: string): boolean => path.split("/").slice(0, -1).includes(testFolder);

/** `gateway/server/src/ports` → `gateway/server`; a layer that is no package stands for itself. */
const packageOf = (folder: string): string => folder.split("/src")[0] ?? folder;

const packageName = (specifier: string): string =>
  specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");

function layerOf(path: string): Layer | undefined {
  // The root's own files are its layer; files in a folder that nobody named are not.
  const fits = (layer: Layer) => (layer.folder === "." ? !path.includes("/") : isUnder(path, layer.folder));
  return layers.filter(fits).sort((a, b) => b.folder.length - a.folder.length)[0] ?? packageTests(path);
}

const isUnder = (path: string, folder: string): boolean =>
  folder.split("/").every((part, index) => part === "*" || path.split("/")[index] === part);

/** `kit/test/…` is tests of the package whose layer is `kit/src`. */
function packageTests(path: string): Layer | undefined {
  const [folder] = path.split(`/${testFolder}/`);
  return isTest(path) ? layers.find((layer) => layer.folder === `${folder}/src`) : undefined;
}

function listImports(from: string, text: string): readonly Import[] {
  const { module, errors } = parseSync(from, text);
  if (errors[0]) throw new Error(`${from}: ${errors[0].message}`);
  const found: { specifier: string; start: number; typeOnly: boolean }[] = [];
  for (const { moduleRequest, entries, start } of module.staticImports) {
    const typeOnly = entries.length > 0 && entries.every((entry) => entry.isType);
    found.push({ specifier: moduleRequest.value, start, typeOnly });
  }
  for (const { entries, start } of module.staticExports) {
    for (const { moduleRequest, isType } of entries) {
      if (moduleRequest) found.push({ specifier: moduleRequest.value, start, typeOnly: isType });
    }
  }
  for (const { moduleRequest, start } of module.dynamicImports) {
    const literal = text.slice(moduleRequest.start, moduleRequest.end).match(/^["'`]([^"'`$]+)["'`]$/);
    if (literal?.[1]) found.push({ specifier: literal[1], start, typeOnly: false });
  }
  return found.map(({ start, ...rest }) => ({
    from,
    ...rest,
    line: text.slice(0, start).split("\n").length,
  }));
}

type Edges = ReadonlyMap<string, readonly string[]>;

/** Which file loads which at run time; what is not a file of the workspace stands by its package's name. */
function runtimeEdges(imports: readonly Import[], workspace: Workspace): Edges {
  const edges = new Map<string, string[]>();
  for (const { from, specifier, typeOnly } of imports) {
    if (typeOnly || isTest(from)) continue;
    const targets = edges.get(from) ?? [];
    edges.set(from, targets);
    targets.push(resolveImport(from, specifier, workspace));
  }
  return edges;
}

function resolveImport(from: string, specifier: string, { packages }: Workspace): string {
  if (specifier.startsWith(".")) return posix.join(posix.dirname(from), specifier);
  const name = packageName(specifier);
  return packages.get(name)?.entries.get(specifier.slice(name.length)) ?? name;
}

/** Cycles of files that load one another at run time, each named once. */
function findCycles(edges: Edges): readonly string[] {
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (file: string, path: readonly string[]): void => {
    const at = path.indexOf(file);
    if (at >= 0) {
      cycles.push(
        `${[...path.slice(at), file].join(" → ")}: a cycle. Move what both need into a file of its own.`,
      );
    }
    if (at >= 0 || done.has(file)) return;
    for (const next of edges.get(file) ?? []) visit(next, [...path, file]);
    done.add(file);
  };
  for (const file of edges.keys()) visit(file, []);
  return cycles;
}

/** The packages that a folder must not load, not even through others, with the way by which it does. */
function findUnwanted(edges: Edges): readonly string[] {
  return absences.flatMap(({ folder, unwanted, because }) => {
    const starts = [...edges.keys()].filter((file) => isUnder(file, folder));
    const path = findPath(starts, unwanted, edges);
    return path ? [`${path.join(" → ")}: ${folder} must not load ${unwanted}.\n    ${because}`] : [];
  });
}

function findPath(starts: readonly string[], goal: string, edges: Edges): readonly string[] | undefined {
  const paths: (readonly string[])[] = starts.map((start) => [start]);
  const seen = new Set(starts);
  for (const path of paths) {
    for (const next of edges.get(path[path.length - 1] ?? "") ?? []) {
      if (next === goal) return [...path, next];
      if (!seen.has(next)) paths.push([...path, next]);
      seen.add(next);
    }
  }
  return undefined;
}

function readWorkspace(root: string): Workspace {
  const listed = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
    cwd: root,
  });
  const paths = listed
    .toString()
    .split("\0")
    .filter((path) => path && existsSync(join(root, path)));
  const sources = paths.filter((path) => /\.[cm]?[jt]sx?$/.test(path));
  const manifests = paths.filter((path) => path.endsWith("/package.json"));
  return {
    files: new Map(sources.map((path) => [path, readFileSync(join(root, path), "utf8")])),
    packages: new Map(
      manifests.map((path) => readPackage(dirname(path), readFileSync(join(root, path), "utf8"))),
    ),
  };
}

function readPackage(folder: string, manifest: string): [string, Package] {
  const { name, exports = {} } = JSON.parse(manifest) as {
    name: string;
    exports?: Record<string, Record<string, string>>;
  };
  const entries = Object.entries(exports).flatMap(([subpath, conditions]): [string, string][] => {
    const source = conditions["trueline-source"];
    return source ? [[subpath.slice(1), posix.join(folder, source)]] : [];
  });
  return [name, { folder, entries: new Map(entries) }];
}

if (import.meta.main) {
  const workspace = readWorkspace(join(import.meta.dirname, ".."));
  const violations = findViolations(workspace);
  for (const violation of violations) console.error(violation);
  console.log(`layer law: ${workspace.files.size} files, ${violations.length} violations`);
  process.exitCode = violations.length > 0 ? 1 : 0;
}
